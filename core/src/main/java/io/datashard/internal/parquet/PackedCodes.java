package io.datashard.internal.parquet;

/**
 * Codes of rows that all hold a value, as they lie in their page: which of them match is told
 * without unpacking them. Good until the page's array is used for another page.
 */
final class PackedCodes {
  private final HybridReader from;
  private final int entries;
  private final int count;

  /**
   * The next codes of a reader.
   *
   * @param from stands at the first of them; not moved
   * @param entries how many the dictionary has
   */
  PackedCodes(HybridReader from, int entries, int count) {
    this.from = from;
    this.entries = entries;
    this.count = count;
  }

  /** Whether {@link #keep} can be asked. */
  boolean isNarrow() {
    return from.width() <= EntryMatches.WIDTH_MAX;
  }

  /**
   * Clears the bits of the rows whose entry does not match.
   *
   * @throws DamagedException a code is past the dictionary's end
   */
  void keep(EntryMatches matches, long[] bits) {
    long[] found = new long[(count + 63) >>> 6];
    if (from.copy().match(matches, found, count)) {
      throw new DamagedException("a code that is none of a dictionary of " + entries + " values");
    }
    for (int w = 0; w < found.length; w++) {
      bits[w] &= found[w];
    }
  }

  /**
   * One code a row.
   *
   * @throws DamagedException a code is past the dictionary's end
   */
  int[] unpack() {
    int[] codes = new int[count];
    from.copy().readCodes(codes, count, entries);
    return codes;
  }
}
