package io.datashard.internal.parquet.encode;

/** Ranges of bit sets: bit {@code i % 64} of word {@code i / 64}. */
public final class Bits {
  private Bits() {}

  /** How many of the bits from {@code from} up to {@code to} are set. */
  public static int count(long[] bits, int from, int to) {
    int count = 0;
    int at = from;
    while (at < to) {
      int length = Math.min(64, to - at);
      count += Long.bitCount(get(bits, at, length));
      at += length;
    }
    return count;
  }

  /**
   * Some bits, the first of them lowest.
   *
   * @param length 1..64
   */
  public static long get(long[] bits, int from, int length) {
    int word = from >>> 6;
    int shift = from & 63;
    long found = bits[word] >>> shift;
    if (shift + length > 64) {
      found |= bits[word + 1] << (64 - shift);
    }
    return found & -1L >>> (64 - length);
  }

  /** Overwrites some bits; {@code value} has none set above them. */
  private static void set(long[] bits, int from, int length, long value) {
    int word = from >>> 6;
    int shift = from & 63;
    long mask = -1L >>> (64 - length);
    bits[word] = bits[word] & ~(mask << shift) | value << shift;
    if (shift + length > 64) {
      bits[word + 1] = bits[word + 1] & ~(mask >>> (64 - shift)) | value >>> (64 - shift);
    }
  }

  /** Sets all bits from {@code from} up to {@code to}. */
  public static void fill(long[] bits, int from, int to) {
    int at = from;
    while (at < to) {
      int length = Math.min(64, to - at);
      set(bits, at, length, -1L >>> (64 - length));
      at += length;
    }
  }

  /** Overwrites {@code count} bits from {@code intoFrom} on with those from {@code from} on. */
  public static void copy(long[] bits, int from, long[] into, int intoFrom, int count) {
    int done = 0;
    while (done < count) {
      int length = Math.min(64, count - done);
      set(into, intoFrom + done, length, get(bits, from + done, length));
      done += length;
    }
  }
}
