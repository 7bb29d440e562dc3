package io.datashard.table;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one column in one data file. Exact or absent: other engines believe it.
 *
 * @param sizeBytes compressed bytes of the column in the file; -1 if absent
 * @param valueCount values, nulls and NaN included; -1 if absent
 * @param nullCount nulls; -1 if absent
 * @param nanCount NaN; -1 if absent, as for types without NaN
 * @param lower no value other than null and NaN is smaller; single-value bytes (spec, Appendix D);
 *     null if absent
 * @param upper no value other than null and NaN is larger; null if absent
 */
public record ColumnMetrics(
    long sizeBytes,
    long valueCount,
    long nullCount,
    long nanCount,
    @Nullable ByteBuffer lower,
    @Nullable ByteBuffer upper) {
  /** Nothing is known. */
  public static final ColumnMetrics UNKNOWN = new ColumnMetrics(-1, -1, -1, -1, null, null);

  public ColumnMetrics {
    lower = lower == null ? null : lower.asReadOnlyBuffer();
    upper = upper == null ? null : upper.asReadOnlyBuffer();
  }

  /** A copy of the lower bound's bytes, or null. */
  public byte @Nullable [] lowerBytes() {
    return bytes(lower);
  }

  /** A copy of the upper bound's bytes, or null. */
  public byte @Nullable [] upperBytes() {
    return bytes(upper);
  }

  private static byte @Nullable [] bytes(@Nullable ByteBuffer bound) {
    if (bound == null) {
      return null;
    }
    byte[] bytes = new byte[bound.remaining()];
    bound.duplicate().get(bytes);
    return bytes;
  }
}
