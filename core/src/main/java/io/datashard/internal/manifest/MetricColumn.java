package io.datashard.internal.manifest;

import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.table.ColumnMetrics;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest records of one column in each of its live files. Counts are -1 and bounds are
 * null where nothing is recorded.
 */
public final class MetricColumn {
  private static final int OBJECT_BYTES = 64;

  private final int fieldId;
  private final CompactLongs values;
  private final CompactLongs nulls;
  private final CompactLongs nans;
  private final ByteRuns lower;
  private final ByteRuns upper;
  private final BoundLane lane;

  MetricColumn(
      int fieldId,
      CompactLongs values,
      CompactLongs nulls,
      CompactLongs nans,
      ByteRuns lower,
      ByteRuns upper,
      BoundLane lane) {
    this.fieldId = fieldId;
    this.values = values;
    this.nulls = nulls;
    this.nans = nans;
    this.lower = lower;
    this.upper = upper;
    this.lane = lane;
  }

  /** Whether it serves a column of this id and type. */
  boolean isOf(Field field) {
    return fieldId == field.id() && lane.type().equals(field.type());
  }

  /** The same, its bounds made ready for another type of the column. */
  MetricColumn as(Type type, int size, CompactLongs rows) {
    return new MetricColumn(
        fieldId,
        values,
        nulls,
        nans,
        lower,
        upper,
        BoundLane.of(type, size, rows, values, nulls, nans, lower, upper));
  }

  int fieldId() {
    return fieldId;
  }

  /** Values, nulls and NaN included. */
  public long valueCount(int file) {
    return values.get(file);
  }

  /** Nulls. */
  public long nullCount(int file) {
    return nulls.get(file);
  }

  /** NaN. */
  public long nanCount(int file) {
    return nans.get(file);
  }

  /** The lower bound as it is recorded. */
  public @Nullable ByteBuffer lower(int file) {
    return lower.get(file);
  }

  /** The upper bound as it is recorded. */
  public @Nullable ByteBuffer upper(int file) {
    return upper.get(file);
  }

  /** The bounds, made ready to be compared for many files at once. */
  public BoundLane lane() {
    return lane;
  }

  /** Whether anything is recorded of the column in this file. */
  boolean tellsOf(int file) {
    return valueCount(file) >= 0
        || nullCount(file) >= 0
        || nanCount(file) >= 0
        || !lower.isAbsent(file)
        || !upper.isAbsent(file);
  }

  /** All that is recorded of the column in one file, but for its size. */
  ColumnMetrics of(int file) {
    return new ColumnMetrics(
        -1, valueCount(file), nullCount(file), nanCount(file), lower(file), upper(file));
  }

  /** What it takes in memory. */
  long memoryBytes() {
    return OBJECT_BYTES
        + values.bytes()
        + nulls.bytes()
        + nans.bytes()
        + lower.memoryBytes()
        + upper.memoryBytes()
        + lane.memoryBytes();
  }
}
