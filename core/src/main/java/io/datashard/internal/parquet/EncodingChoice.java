package io.datashard.internal.parquet;

import io.datashard.internal.parquet.encode.Sink;
import org.apache.parquet.format.Encoding;

/**
 * The encoding that suits a column best, found by trying: some of its values are encoded each way
 * and compressed.
 *
 * @param compressed whether the codec pays as well
 * @param cost what these values take, in bytes that need no codec
 */
record EncodingChoice(Encoding encoding, boolean compressed, double cost) {
  /** What a dictionary costs besides its page: that page's header and two fields of the footer. */
  private static final int DICTIONARY_OVERHEAD = 40;

  /** If nearly all of so many values differ, so will the rest: no dictionary. */
  private static final int VALUES_TELLING = 8192;

  /**
   * The best encoding without dictionary.
   *
   * @param from the first of the values to try, among those pending
   */
  static EncodingChoice direct(PendingValues values, Packer packer, int from, int to) {
    EncodingChoice best = new EncodingChoice(Encoding.PLAIN, false, Double.MAX_VALUE);
    for (Encoding encoding : values.encodings(from, to)) {
      Sink page = packer.page();
      values.encode(encoding, from, to, page);
      int packed = packer.packedSize(page);
      boolean pays = packer.pays(page.size(), packed);
      double cost = (pays ? Packer.cost(page.size(), packed) : page.size()) * handicap(encoding);
      if (cost < best.cost) {
        best = new EncodingChoice(encoding, pays, cost);
      }
    }
    return best;
  }

  /** By how much an encoding must be smaller to be worth its decoding. */
  private static double handicap(Encoding encoding) {
    return switch (encoding) {
      case DELTA_LENGTH_BYTE_ARRAY -> 1.02;
      case DELTA_BYTE_ARRAY -> 1.1;
      default -> 1;
    };
  }

  /**
   * The best encoding for all values of a row group, RLE_DICTIONARY among them. Then {@link
   * PendingValues#codes} are those of all values.
   *
   * @param from the first of the values to try each encoding on; a dictionary is tried on all
   * @param whole whether the pending values are all there will be
   */
  static EncodingChoice of(PendingValues values, Packer packer, int from, int to, boolean whole) {
    EncodingChoice direct = direct(values, packer, from, to);
    int count = values.count();
    int half = count / 2;
    if (!values.code(0, half)) {
      return direct;
    }
    int entriesAtHalf = values.entries();
    if ((half >= VALUES_TELLING && entriesAtHalf > half - half / 100)
        || !values.code(half, count)
        || values.entries() > count - count / 4) {
      return direct;
    }
    Sink page = packer.page();
    values.encodeCodes(from, to, page);
    double scale = (double) count / (to - from);
    double codesPlain = page.size() * scale;
    double codesPacked = packer.packedSize(page) * scale;
    page = packer.page();
    values.encodeDictionary(page);
    int entriesPlain = page.size();
    int entriesPacked = packer.packedSize(page);
    boolean pays = packer.pays(codesPlain + entriesPlain, codesPacked + entriesPacked);
    double codes = pays ? Packer.cost(codesPlain, codesPacked) : codesPlain;
    double entries =
        DICTIONARY_OVERHEAD + (pays ? Packer.cost(entriesPlain, entriesPacked) : entriesPlain);
    if (!whole) {
      // What the rows to come will cost is seen in the second half of the sample: there a
      // dictionary that will do for all has stopped growing, and one that will not has not.
      double added = (double) (values.entries() - entriesAtHalf) / values.entries();
      entries *= 2 * added;
    }
    double cost = codes + entries;
    return cost < direct.cost * scale
        ? new EncodingChoice(Encoding.RLE_DICTIONARY, pays, cost)
        : direct;
  }
}
