package io.datashard.internal.parquet;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The smallest and the largest of some values, without nulls and NaN, in a form that sorts as
 * unsigned bytes whatever the type: booleans one byte; ints, longs, floats and doubles eight bytes,
 * big-endian with the sign flipped; decimals in a fixed number of bytes with the sign flipped; all
 * else as it is, cut to {@link #BYTES_MAX}.
 */
final class Range {
  /** Longer values are cut; four more than any bound needs, to see where a code point ends. */
  static final int BYTES_MAX = 260;

  /** No values, or none but NaN. */
  static final Range NONE = new Range(null, null, false, false, 0);

  private final byte @Nullable [] min;
  private final byte @Nullable [] max;
  private final boolean minCut;
  private final boolean maxCut;
  private final long nans;

  private Range(
      byte @Nullable [] min, byte @Nullable [] max, boolean minCut, boolean maxCut, long nans) {
    this.min = min;
    this.max = max;
    this.minCut = minCut;
    this.maxCut = maxCut;
    this.nans = nans;
  }

  static Range ofBooleans(boolean min, boolean max) {
    return new Range(
        new byte[] {(byte) (min ? 1 : 0)}, new byte[] {(byte) (max ? 1 : 0)}, false, false, 0);
  }

  static Range ofLongs(long min, long max, long nans) {
    return new Range(bytes(min), bytes(max), false, false, nans);
  }

  static Range ofNans(long nans) {
    return new Range(null, null, false, false, nans);
  }

  /** Between two values that lie in arrays; they are copied. */
  static Range ofBytes(
      byte[] mins,
      int minStart,
      int minEnd,
      byte[] maxs,
      int maxStart,
      int maxEnd,
      boolean signed) {
    byte[] min = Arrays.copyOfRange(mins, minStart, minStart + cut(minEnd - minStart));
    byte[] max = Arrays.copyOfRange(maxs, maxStart, maxStart + cut(maxEnd - maxStart));
    if (signed) {
      min[0] ^= (byte) 0x80;
      max[0] ^= (byte) 0x80;
    }
    return new Range(min, max, minEnd - minStart > BYTES_MAX, maxEnd - maxStart > BYTES_MAX, 0);
  }

  private static int cut(int length) {
    return Math.min(length, BYTES_MAX);
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).putLong(value ^ Long.MIN_VALUE).array();
  }

  /** The number of {@link #ofLongs} behind a bound. */
  static long toLong(byte[] bound) {
    return ByteBuffer.wrap(bound).getLong() ^ Long.MIN_VALUE;
  }

  /** The smallest value or its first bytes; null if there is none. */
  byte @Nullable [] min() {
    return min;
  }

  /** The largest value or its first bytes; null if there is none. */
  byte @Nullable [] max() {
    return max;
  }

  /** Whether the smallest value is longer than {@link #min}. */
  boolean minCut() {
    return minCut;
  }

  /** Whether the largest value is longer than {@link #max}. */
  boolean maxCut() {
    return maxCut;
  }

  /** How many values are NaN. */
  long nans() {
    return nans;
  }

  /** The range of these values and those. */
  Range with(Range other) {
    if (other.min == null || other.max == null) {
      return other.nans == 0 ? this : new Range(min, max, minCut, maxCut, nans + other.nans);
    }
    if (min == null || max == null) {
      return nans == 0
          ? other
          : new Range(other.min, other.max, other.minCut, other.maxCut, nans + other.nans);
    }
    boolean keepMin = compare(min, minCut, other.min, other.minCut) <= 0;
    boolean keepMax = compare(max, maxCut, other.max, other.maxCut) >= 0;
    return new Range(
        keepMin ? min : other.min,
        keepMax ? max : other.max,
        keepMin ? minCut : other.minCut,
        keepMax ? maxCut : other.maxCut,
        nans + other.nans);
  }

  /** What was cut is larger than its own beginning. */
  private static int compare(byte[] a, boolean aCut, byte[] b, boolean bCut) {
    int order = Arrays.compareUnsigned(a, b);
    return order != 0 ? order : Boolean.compare(aCut, bCut);
  }
}
