package io.datashard.internal.rows;

import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.table.ColumnSummary;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.IntBinaryOperator;
import org.jspecify.annotations.Nullable;

/** Adds up what a column holds. Used by one thread at a time. */
public final class ColumnTally {
  private final Field field;
  private long rows;
  private long nulls;
  private long nans;
  private @Nullable Object min;
  private @Nullable Object max;

  /** Of a column of which nothing was seen yet. */
  public ColumnTally(Field field) {
    this.field = field;
  }

  /** Adds rows that somebody else summed up. */
  public void add(ColumnSummary part) {
    rows = Math.addExact(rows, part.rows());
    nulls += part.nulls();
    nans += part.nans();
    widen(part.min(), part.max());
  }

  private void widen(@Nullable Object lower, @Nullable Object upper) {
    if (lower != null && (min == null || ValueOrder.compare(field.type(), lower, min) < 0)) {
      min = lower;
    }
    if (upper != null && (max == null || ValueOrder.compare(field.type(), upper, max) > 0)) {
      max = upper;
    }
  }

  /** Adds rows. */
  public void add(Column column) {
    rows = Math.addExact(rows, column.size());
    nulls += column.nullCount();
    IntBinaryOperator order = order(column);
    int least = -1;
    int greatest = -1;
    for (int row = 0; row < column.size(); row++) {
      if (column.isNull(row)) {
        continue;
      }
      if (isNan(column, row)) {
        nans++;
      } else if (least < 0) {
        least = row;
        greatest = row;
      } else if (order.applyAsInt(row, least) < 0) {
        least = row;
      } else if (order.applyAsInt(row, greatest) > 0) {
        greatest = row;
      }
    }
    if (least >= 0) {
      widen(column.value(least), column.value(greatest));
    }
  }

  private static boolean isNan(Column column, int row) {
    return column instanceof DoubleColumn doubles && Double.isNaN(doubles.get(row))
        || column instanceof FloatColumn floats && Float.isNaN(floats.get(row));
  }

  /** Compares two rows that are neither null nor NaN. */
  private static IntBinaryOperator order(Column column) {
    if (column instanceof IntColumn ints) {
      return (a, b) -> Integer.compare(ints.get(a), ints.get(b));
    }
    if (column instanceof LongColumn longs) {
      return (a, b) -> Long.compare(longs.get(a), longs.get(b));
    }
    if (column instanceof DoubleColumn doubles) {
      return (a, b) -> Double.compare(doubles.get(a) + 0.0, doubles.get(b) + 0.0);
    }
    if (column instanceof FloatColumn floats) {
      return (a, b) -> Float.compare(floats.get(a) + 0.0f, floats.get(b) + 0.0f);
    }
    if (column instanceof BooleanColumn booleans) {
      return (a, b) -> Boolean.compare(booleans.get(a), booleans.get(b));
    }
    BytesColumn bytes = (BytesColumn) column;
    if (column.type() instanceof Type.Decimal) {
      return (a, b) ->
          bytes.code(a) == bytes.code(b)
              ? 0
              : ValueOrder.compare(column.type(), value(bytes, a), value(bytes, b));
    }
    return (a, b) -> compare(bytes, bytes.code(a), bytes.code(b));
  }

  private static Object value(BytesColumn column, int row) {
    return Objects.requireNonNull(column.value(row));
  }

  /** UTF-8 sorts as its code points do; uuids, fixed and binary are unsigned bytes. */
  private static int compare(BytesColumn column, int a, int b) {
    return a == b
        ? 0
        : Arrays.compareUnsigned(
            column.bytes(),
            column.start(a),
            column.end(a),
            column.bytes(),
            column.start(b),
            column.end(b));
  }

  /** What was added so far. */
  public ColumnSummary summary() {
    return new ColumnSummary(field.name(), field.type(), rows, nulls, nans, min, max);
  }
}
