package io.datashard.internal.history;

/**
 * Which of a row of immutable pieces become one, so that there are few pieces and each thing in
 * them is written again only a few times.
 *
 * <p>Pieces are added at the end and only neighbours are merged, because their order means
 * something. Sizes fall into tiers, each {@value #FAN} times the one before. As soon as the last
 * pieces that belong to a tier or lower ones together have the size of the next tier, they become
 * one piece of that tier. So a thing rises by a tier with every merge, and the pieces of one tier
 * at the end are always fewer than {@value #FAN}: of a million things of size one there are at most
 * 49 pieces, and each was written at most 7 times again.
 */
public final class Tiers {
  private static final long FAN = 8;

  private Tiers() {}

  /**
   * The first of the last pieces that should become one now; the number of pieces if none should.
   *
   * @param sizes what the pieces hold, at least 1 each
   * @param bytes their lengths
   * @param unit the size of one small piece
   * @param bytesMax more than that is not merged at once
   */
  public static int mergeFrom(long[] sizes, long[] bytes, long unit, long bytesMax) {
    int none = sizes.length;
    int from = none;
    int tooLong = none;
    long total = 0;
    for (long size : sizes) {
      total += size;
    }
    int start = none;
    long sum = 0;
    long length = 0;
    for (long next = unit * FAN; next <= total; next *= FAN) {
      while (start > 0 && sizes[start - 1] < next) {
        start--;
        sum += sizes[start];
        length += bytes[start];
      }
      if (none - start >= 2 && sum >= next) {
        if (length <= bytesMax) {
          from = start;
        } else {
          tooLong = start;
        }
      }
    }
    return from < none ? from : asManyAsFit(tooLong, bytes, bytesMax);
  }

  /**
   * Of pieces that are too long together, the last that fit; none unless that makes one piece about
   * as long as allowed, twice as long as any of them: else the same things would be written again
   * and again.
   */
  private static int asManyAsFit(int first, long[] bytes, long bytesMax) {
    int start = bytes.length;
    long length = 0;
    long longest = 0;
    while (start > first && length + bytes[start - 1] <= bytesMax) {
      start--;
      length += bytes[start];
      longest = Math.max(longest, bytes[start]);
    }
    return length >= bytesMax / 2 && longest <= length / 2 ? start : bytes.length;
  }
}
