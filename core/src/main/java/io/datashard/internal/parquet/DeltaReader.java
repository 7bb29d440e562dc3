package io.datashard.internal.parquet;

import java.util.Arrays;

/**
 * Reads numbers stored as differences. Spec: Parquet format, "Encodings", DELTA_BINARY_PACKED = 5.
 *
 * <p>32-bit numbers are the low halves of what is read: their sums wrap alike.
 */
final class DeltaReader {
  /** Writers use 128 to 2,048; a claim costs memory. */
  private static final int BLOCK_VALUES_MAX = 1 << 16;

  private final byte[] bytes;
  private final int end;
  private final int blockValues;
  private final int miniValues;
  private final int minis;
  private final int count;
  private final byte[] widths;
  private final long[] deltas;
  private int at;
  private int left;
  private long last;
  private long deltaMin;
  private boolean first = true;
  private int mini;
  private int deltasRead;
  private int deltasNext;

  DeltaReader(byte[] bytes, int start, int end) {
    this.bytes =
        bytes.length - end >= HybridReader.PADDING_BYTES
            ? bytes
            : Arrays.copyOf(bytes, end + HybridReader.PADDING_BYTES);
    this.at = start;
    this.end = end;
    long block = varint();
    long parts = varint();
    long values = varint();
    long start0 = varint();
    this.last = start0 >>> 1 ^ -(start0 & 1);
    if (block < 8
        || block > BLOCK_VALUES_MAX
        || parts < 1
        || parts > block / 8
        || block % parts != 0
        || block / parts % 8 != 0
        || values < 0
        || values > Integer.MAX_VALUE) {
      throw new DamagedException(
          "delta blocks of " + block + " values in " + parts + " parts, " + values + " in all");
    }
    this.blockValues = (int) block;
    this.minis = (int) parts;
    this.miniValues = blockValues / minis;
    this.count = (int) values;
    this.left = count;
    this.widths = new byte[minis];
    this.deltas = new long[miniValues];
    this.mini = minis;
  }

  /** How many numbers there are. */
  int count() {
    return count;
  }

  /** Reads the next {@code n} numbers. */
  void read(long[] into, int start, int n) {
    if (n > left) {
      throw new DamagedException(n + " delta-encoded values wanted, " + left + " are left");
    }
    int next = start;
    int stop = start + n;
    if (first && n > 0) {
      into[next++] = last;
      first = false;
    }
    while (next < stop) {
      if (deltasNext == deltasRead) {
        nextMini();
      }
      int step = Math.min(deltasRead - deltasNext, stop - next);
      long sum = last;
      for (int i = 0; i < step; i++) {
        sum += deltas[deltasNext + i];
        into[next + i] = sum;
      }
      last = sum;
      deltasNext += step;
      next += step;
    }
    left -= n;
  }

  /** Where the encoded numbers end; nothing has been read yet. */
  int walkToEnd() {
    int at0 = at;
    long open = count - 1L;
    while (open > 0) {
      nextBlock();
      for (int i = 0; i < minis && open > 0; i++) {
        at = Math.min(end, at + miniBytes(i));
        open -= miniValues;
      }
    }
    int walked = at;
    at = at0;
    mini = minis;
    return walked;
  }

  private void nextBlock() {
    long zigzag = varint();
    deltaMin = zigzag >>> 1 ^ -(zigzag & 1);
    if (minis > end - at) {
      throw new DamagedException("delta blocks end early");
    }
    System.arraycopy(bytes, at, widths, 0, minis);
    at += minis;
    mini = 0;
  }

  private int miniBytes(int i) {
    int width = widths[i];
    if (width < 0 || width > 64) {
      throw new DamagedException("deltas of " + width + " bits");
    }
    return miniValues / 8 * width;
  }

  private void nextMini() {
    if (mini == minis) {
      nextBlock();
    }
    int width = widths[mini];
    int size = miniBytes(mini);
    // The page may end with the last value instead of the last block.
    int stored = size <= end - at ? miniValues : width == 0 ? 0 : (end - at) * 8 / width;
    if (stored == 0) {
      throw new DamagedException("delta blocks end early");
    }
    unpack(width, stored);
    at = Math.min(end, at + size);
    mini++;
    deltasRead = stored;
    deltasNext = 0;
  }

  private void unpack(int width, int n) {
    if (width == 0) {
      Arrays.fill(deltas, 0, n, deltaMin);
      return;
    }
    long mask = -1L >>> (64 - width);
    long bit = 0;
    for (int i = 0; i < n; i++, bit += width) {
      int from = at + (int) (bit >>> 3);
      int shift = (int) (bit & 7);
      long word = Little.getLong(bytes, from) >>> shift;
      if (shift + width > 64) {
        word |= (long) bytes[from + 8] << (64 - shift);
      }
      deltas[i] = (word & mask) + deltaMin;
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw new DamagedException("delta blocks end early");
      }
      byte part = bytes[at++];
      value |= (part & 0x7fL) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new DamagedException("a number of more than ten bytes");
  }
}
