package io.datashard.internal.parquet;

import java.util.Arrays;

/**
 * Reads small numbers in the RLE / bit-packing hybrid. Spec: Parquet format, "Encodings", RLE = 3.
 *
 * <p>Up to eight bytes past the end are read and thrown away, so the array has that many more.
 */
final class HybridReader {
  /** How many bytes an array must have past the end of the encoded ones. */
  static final int PADDING_BYTES = 8;

  private final byte[] bytes;
  private final int end;
  private final int width;
  private int at;
  private int left;
  private boolean repeated;
  private int value;
  private int packedStart;
  private int packedNext;

  /**
   * @param end where the encoded bytes end
   * @param width bits of each number, 0..32
   */
  HybridReader(byte[] bytes, int start, int end, int width) {
    if (width < 0 || width > 32) {
      throw new DamagedException("dictionary codes of " + width + " bits");
    }
    boolean padded = bytes.length - end >= PADDING_BYTES;
    this.bytes = padded ? bytes : Arrays.copyOf(bytes, end + PADDING_BYTES);
    this.at = start;
    this.end = end;
    this.width = width;
  }

  /** Whether no number is negative, as those of fewer than 32 bits are. */
  boolean isUnsigned() {
    return width < 32;
  }

  /** Reads the next {@code count} numbers. */
  void read(int[] into, int start, int count) {
    int next = start;
    int last = start + count;
    if (width == 0) {
      Arrays.fill(into, start, last, 0);
      return;
    }
    while (next < last) {
      if (left == 0) {
        nextRun();
        continue;
      }
      int step = Math.min(left, last - next);
      if (repeated) {
        Arrays.fill(into, next, next + step, value);
      } else {
        unpack(into, next, step);
        packedNext += step;
      }
      left -= step;
      next += step;
    }
  }

  /** Passes over the next {@code count} numbers. */
  void skip(int count) {
    int open = count;
    while (width > 0 && open > 0) {
      if (left == 0) {
        nextRun();
        continue;
      }
      int step = Math.min(left, open);
      packedNext += step;
      left -= step;
      open -= step;
    }
  }

  /** The number that the next numbers are, if they all are the same run; else -1. */
  int sameAhead(int count) {
    if (width == 0) {
      return 0;
    }
    while (left == 0) {
      nextRun();
    }
    return repeated && left >= count ? value : -1;
  }

  private void nextRun() {
    long header = 0;
    int shift = 0;
    byte part;
    do {
      if (at >= end || shift > 28) {
        throw new DamagedException("runs of codes or levels end early");
      }
      part = bytes[at++];
      header |= (part & 0x7fL) << shift;
      shift += 7;
    } while (part < 0);
    repeated = (header & 1) == 0;
    if (repeated) {
      int valueBytes = (width + 7) >>> 3;
      if (valueBytes > end - at) {
        throw new DamagedException("runs of codes or levels end early");
      }
      value = (int) (Little.getLong(bytes, at) & mask());
      at += valueBytes;
      left = (int) Math.min(header >>> 1, Integer.MAX_VALUE);
    } else {
      packedStart = at;
      packedNext = 0;
      // Some writers leave out the padding of the last group.
      long packedBytes = Math.min((header >>> 1) * width, end - at);
      left = (int) Math.min((header >>> 1) * 8, packedBytes * 8 / width);
      at += (int) packedBytes;
    }
  }

  private long mask() {
    return (1L << width) - 1;
  }

  private void unpack(int[] into, int start, int count) {
    int next = start;
    int last = start + count;
    long mask = mask();
    long bit = (long) packedNext * width;
    if (width <= 8 && (packedNext & 7) == 0) {
      // Eight numbers begin on a byte and fit into one long.
      int from = packedStart + (int) (bit >>> 3);
      for (; last - next >= 8; next += 8, from += width) {
        long eight = Little.getLong(bytes, from);
        into[next] = (int) (eight & mask);
        into[next + 1] = (int) (eight >>> width & mask);
        into[next + 2] = (int) (eight >>> 2 * width & mask);
        into[next + 3] = (int) (eight >>> 3 * width & mask);
        into[next + 4] = (int) (eight >>> 4 * width & mask);
        into[next + 5] = (int) (eight >>> 5 * width & mask);
        into[next + 6] = (int) (eight >>> 6 * width & mask);
        into[next + 7] = (int) (eight >>> 7 * width & mask);
      }
      bit = (long) (from - packedStart) << 3;
    }
    for (; next < last; next++, bit += width) {
      long bits = Little.getLong(bytes, packedStart + (int) (bit >>> 3)) >>> (bit & 7);
      into[next] = (int) (bits & mask);
    }
  }
}
