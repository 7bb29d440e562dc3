package io.datashard.data;

import org.jspecify.annotations.Nullable;

/** Bit sets that say which rows hold a value. */
public final class Validity {
  private Validity() {}

  /** How many words {@code size} rows take. */
  public static int words(int size) {
    return (size + 63) >>> 6;
  }

  /** Whether the row holds a value. */
  public static boolean isSet(long[] validity, int row) {
    return (validity[row >>> 6] >>> row & 1) != 0;
  }

  /** Marks the row as holding a value. */
  public static void set(long[] validity, int row) {
    validity[row >>> 6] |= 1L << row;
  }

  /** Marks {@code count} rows from this one on as holding values. */
  public static void setAll(long[] validity, int from, int count) {
    int last = from + count;
    for (int row = from; row < last; ) {
      int bits = Math.min(64 - (row & 63), last - row);
      validity[row >>> 6] |= (bits == 64 ? -1L : (1L << bits) - 1) << row;
      row += bits;
    }
  }

  /** How many of the first {@code size} rows hold a value. */
  public static int count(long[] validity, int size) {
    int count = 0;
    int whole = size >>> 6;
    for (int i = 0; i < whole; i++) {
      count += Long.bitCount(validity[i]);
    }
    if ((size & 63) != 0) {
      count += Long.bitCount(validity[whole] & ((1L << size) - 1));
    }
    return count;
  }

  static long @Nullable [] take(long[] validity, int[] rows, int count) {
    long[] taken = new long[words(count)];
    int set = 0;
    for (int i = 0; i < count; i++) {
      if (isSet(validity, rows[i])) {
        set(taken, i);
        set++;
      }
    }
    return set == count ? null : taken;
  }
}
