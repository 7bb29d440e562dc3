package io.datashard.data;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Longs, times and timestamps in microseconds, and the unscaled value of decimals of up to 18
 * digits.
 */
public final class LongColumn extends Column {
  private final long[] values;

  /**
   * A column over this array, which it keeps.
   *
   * @param values at least {@code size} values
   * @param validity see {@link Column}; null if no row is null
   */
  public LongColumn(Type type, long[] values, int size, long @Nullable [] validity) {
    super(type, size, validity);
    if (values.length < size) {
      throw new IllegalArgumentException(size + " rows, but " + values.length + " values");
    }
    this.values = values;
  }

  /** The value at the row, arbitrary if the row is null. */
  public long get(int row) {
    return values[row];
  }

  /** The column's own array; from {@link #size} on it means nothing. */
  public long[] values() {
    return values;
  }

  @Override
  public @Nullable Object value(int row) {
    if (isNull(row)) {
      return null;
    }
    long value = values[row];
    return switch (type().kind()) {
      case TIME -> Values.time(value);
      case TIMESTAMP -> Values.timestamp(value);
      case TIMESTAMPTZ -> Values.instant(value);
      case DECIMAL -> BigDecimal.valueOf(value, ((Type.Decimal) type()).scale());
      default -> value;
    };
  }

  @Override
  public LongColumn take(int[] rows, int count) {
    long[] taken = new long[count];
    for (int i = 0; i < count; i++) {
      taken[i] = values[rows[i]];
    }
    return new LongColumn(type(), taken, count, takeValidity(rows, count));
  }
}
