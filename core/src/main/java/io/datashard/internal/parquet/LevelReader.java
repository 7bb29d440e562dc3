package io.datashard.internal.parquet;

import io.datashard.data.Validity;

/**
 * Reads which rows of a page hold a value: definition levels of 0 and 1. Spec: Parquet format,
 * "Encodings", RLE = 3 and the deprecated BIT_PACKED = 4.
 *
 * <p>A run of ones over all rows asked for, the usual case, costs no work per row.
 */
final class LevelReader {
  private final byte[] bytes;
  private final int end;
  private int at;
  private int left;
  private boolean repeated;
  private boolean one;
  private int packedStart;
  private int packedNext;

  private LevelReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Every row holds a value. */
  static LevelReader allPresent() {
    LevelReader levels = new LevelReader(new byte[0], 0, 0);
    levels.left = Integer.MAX_VALUE;
    levels.repeated = true;
    levels.one = true;
    return levels;
  }

  /** Levels in the RLE / bit-packing hybrid. */
  static LevelReader hybrid(byte[] bytes, int start, int end) {
    return new LevelReader(bytes, start, end);
  }

  /** Levels in the deprecated encoding, highest bit first. */
  static LevelReader bitPacked(byte[] bytes, int start, int count) {
    byte[] turned = new byte[(count + 7) >>> 3];
    for (int i = 0; i < turned.length; i++) {
      turned[i] = (byte) (Integer.reverse(bytes[start + i]) >>> 24);
    }
    LevelReader levels = new LevelReader(turned, 0, turned.length);
    levels.left = count;
    return levels;
  }

  /** Whether the next {@code count} rows all hold a value, as far as one run tells. */
  boolean allPresentAhead(int count) {
    while (left == 0) {
      nextRun();
    }
    return repeated && one && left >= count;
  }

  /**
   * Reads the next {@code count} levels.
   *
   * @param validity gets a bit for each row that holds a value; other bits must be 0
   * @param row the bit of the first of them
   * @return how many rows hold a value
   */
  int read(int count, long[] validity, int row) {
    int present = 0;
    int next = row;
    int last = row + count;
    while (next < last) {
      if (left == 0) {
        nextRun();
        continue;
      }
      int step = Math.min(left, last - next);
      if (!repeated) {
        present += unpack(validity, next, step);
        packedNext += step;
      } else if (one) {
        Validity.setAll(validity, next, step);
        present += step;
      }
      left -= step;
      next += step;
    }
    return present;
  }

  /** Passes over the next {@code count} levels; returns how many of the rows hold a value. */
  int skip(int count) {
    int present = 0;
    int open = count;
    while (open > 0) {
      if (left == 0) {
        nextRun();
        continue;
      }
      int step = Math.min(left, open);
      if (repeated) {
        present += one ? step : 0;
      } else {
        for (int i = 0; i < step; ) {
          int bits = Math.min(64, step - i);
          present += Long.bitCount(bits(packedNext + i, bits));
          i += bits;
        }
        packedNext += step;
      }
      left -= step;
      open -= step;
    }
    return present;
  }

  private void nextRun() {
    long header = 0;
    int shift = 0;
    byte part;
    do {
      if (at >= end || shift > 28) {
        throw new DamagedException("definition levels end early");
      }
      part = bytes[at++];
      header |= (part & 0x7fL) << shift;
      shift += 7;
    } while (part < 0);
    repeated = (header & 1) == 0;
    if (repeated) {
      if (at >= end) {
        throw new DamagedException("definition levels end early");
      }
      int value = bytes[at++];
      if (value != 0 && value != 1) {
        throw new DamagedException("a definition level of " + value + ", at most 1");
      }
      one = value == 1;
      left = (int) Math.min(header >>> 1, Integer.MAX_VALUE);
    } else {
      packedStart = at;
      packedNext = 0;
      long packedBytes = Math.min(header >>> 1, end - at);
      left = (int) Math.min(packedBytes * 8, Integer.MAX_VALUE);
      at += (int) packedBytes;
    }
  }

  private int unpack(long[] validity, int from, int count) {
    int present = 0;
    for (int done = 0; done < count; ) {
      int row = from + done;
      int bits = Math.min(64 - (row & 63), count - done);
      long word = bits(packedNext + done, bits);
      validity[row >>> 6] |= word << row;
      present += Long.bitCount(word);
      done += bits;
    }
    return present;
  }

  /** Up to 64 bits from this place of the packed run. */
  private long bits(int first, int count) {
    int from = packedStart + (first >>> 3);
    int shift = first & 7;
    long word;
    if (bytes.length - from >= 9) {
      word = Little.getLong(bytes, from) >>> shift;
      if (shift > 0) {
        word |= (long) bytes[from + 8] << (64 - shift);
      }
    } else {
      word = 0;
      for (int i = 0; i < 9 && from + i < bytes.length; i++) {
        long part = bytes[from + i] & 0xffL;
        int place = i * 8 - shift;
        word |= place < 0 ? part >>> -place : place < 64 ? part << place : 0;
      }
    }
    return word & lowBits(count);
  }

  private static long lowBits(int count) {
    return count == 64 ? -1L : (1L << count) - 1;
  }
}
