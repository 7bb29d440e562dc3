package io.datashard.internal.parquet;

import io.datashard.data.Validity;
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

  private HybridReader(HybridReader other) {
    this.bytes = other.bytes;
    this.end = other.end;
    this.width = other.width;
    this.at = other.at;
    this.left = other.left;
    this.repeated = other.repeated;
    this.value = other.value;
    this.packedStart = other.packedStart;
    this.packedNext = other.packedNext;
  }

  /** Another reader that stands where this one does. */
  HybridReader copy() {
    return new HybridReader(this);
  }

  /** Bits of each number. */
  int width() {
    return width;
  }

  /**
   * Reads codes of a dictionary.
   *
   * @throws DamagedException one of them is none of its entries
   */
  void readCodes(int[] into, int count, int entries) {
    read(into, 0, count);
    int highest = width < 32 ? highest(into, count) : highestOfAny(into, count);
    if (highest < 0 || highest >= entries) {
      throw new DamagedException("code " + highest + " in a dictionary of " + entries + " values");
    }
  }

  /** Written so that the compiler makes vector instructions of it. */
  private static int highest(int[] codes, int count) {
    int highest = 0;
    for (int i = 0; i < count; i++) {
      highest = Math.max(highest, codes[i]);
    }
    return highest;
  }

  /** The same; a negative one if there is one. */
  private static int highestOfAny(int[] codes, int count) {
    int signs = 0;
    for (int i = 0; i < count; i++) {
      signs |= codes[i];
    }
    return signs < 0 ? signs : highest(codes, count);
  }

  /**
   * Reads the next {@code count} numbers, which are codes of a dictionary, and sets the bits of
   * those that match.
   *
   * @param bits gets the bit of each code that matches, from 0 on
   * @return whether a code came that is none of an entry
   */
  boolean match(EntryMatches matches, long[] bits, int count) {
    boolean isWrong = false;
    int next = 0;
    while (next < count) {
      if (left == 0 && width > 0) {
        nextRun();
        continue;
      }
      int step = width == 0 ? count : Math.min(left, count - next);
      if (width == 0 || repeated) {
        int code = width == 0 ? 0 : value;
        boolean isEntry = code < matches.entries();
        isWrong |= !isEntry;
        if (isEntry && matches.isSet(code)) {
          Validity.setAll(bits, next, step);
        }
      } else {
        isWrong |= matchPacked(matches, bits, next, step) < 0;
        packedNext += step;
      }
      left -= step;
      next += step;
    }
    return isWrong;
  }

  /** Negative if a code came that is none of an entry. */
  private int matchPacked(EntryMatches matches, long[] bits, int start, int count) {
    int found = 0;
    int next = start;
    int last = start + count;
    for (int number = packedNext; next < last && (number & 7) != 0; next++, number++) {
      found |= matchOne(matches, bits, next, number);
    }
    byte[] table = matches.table(width);
    int from = packedStart + (packedNext + next - start >>> 3) * width;
    int eights = last - next >>> 3;
    found |=
        switch (EntryMatches.codesAtOnce(width)) {
          case 4 -> matchFours(table, bits, next, from, eights);
          case 2 -> matchTwos(table, bits, next, from, eights);
          default -> matchOnes(table, bits, next, from, eights);
        };
    for (next += eights * 8; next < last; next++) {
      found |= matchOne(matches, bits, next, packedNext + next - start);
    }
    return found;
  }

  private int matchFours(byte[] table, long[] bits, int start, int at, int eights) {
    int found = 0;
    int next = start;
    int from = at;
    int mask = (1 << 4 * width) - 1;
    for (int i = 0; i < eights; i++, next += 8, from += width) {
      long eight = Little.getLong(bytes, from);
      int matches = table[(int) eight & mask] | table[(int) (eight >>> 4 * width) & mask] << 4;
      found |= matches;
      setEight(bits, next, matches);
    }
    return found;
  }

  private int matchTwos(byte[] table, long[] bits, int start, int at, int eights) {
    int found = 0;
    int next = start;
    int from = at;
    int mask = (1 << 2 * width) - 1;
    for (int i = 0; i < eights; i++, next += 8, from += width) {
      long eight = Little.getLong(bytes, from);
      int matches =
          table[(int) eight & mask]
              | table[(int) (eight >>> 2 * width) & mask] << 2
              | table[(int) (eight >>> 4 * width) & mask] << 4
              | table[(int) (eight >>> 6 * width) & mask] << 6;
      found |= matches;
      setEight(bits, next, matches);
    }
    return found;
  }

  private int matchOnes(byte[] table, long[] bits, int start, int at, int eights) {
    int found = 0;
    int next = start;
    int from = at;
    int mask = (1 << width) - 1;
    for (int i = 0; i < eights; i++, next += 8, from += width) {
      long eight = Little.getLong(bytes, from);
      int matches =
          table[(int) eight & mask]
              | table[(int) (eight >>> width) & mask] << 1
              | table[(int) (eight >>> 2 * width) & mask] << 2
              | table[(int) (eight >>> 3 * width) & mask] << 3
              | table[(int) (eight >>> 4 * width) & mask] << 4
              | table[(int) (eight >>> 5 * width) & mask] << 5
              | table[(int) (eight >>> 6 * width) & mask] << 6
              | table[(int) (eight >>> 7 * width) & mask] << 7;
      found |= matches;
      setEight(bits, next, matches);
    }
    return found;
  }

  private static void setEight(long[] bits, int place, int matches) {
    long low = matches & 0xff;
    bits[place >>> 6] |= low << place;
    if ((place & 63) > 56) {
      bits[(place >>> 6) + 1] |= low >>> (64 - (place & 63));
    }
  }

  private int matchOne(EntryMatches matches, long[] bits, int place, int number) {
    long bit = (long) number * width;
    long from = Little.getLong(bytes, packedStart + (int) (bit >>> 3)) >>> (bit & 7);
    int code = (int) (from & mask());
    if (code >= matches.entries()) {
      return -1;
    }
    bits[place >>> 6] |= (matches.isSet(code) ? 1L : 0) << place;
    return 0;
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
