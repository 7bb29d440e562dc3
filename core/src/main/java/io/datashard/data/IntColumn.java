package io.datashard.data;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import org.jspecify.annotations.Nullable;

/** Ints, and dates as days since 1970-01-01. */
public final class IntColumn extends Column {
  private final int[] values;

  /**
   * A column over this array, which it keeps.
   *
   * @param values at least {@code size} values
   * @param validity see {@link Column}; null if no row is null
   */
  public IntColumn(Type type, int[] values, int size, long @Nullable [] validity) {
    super(type, size, validity);
    if (values.length < size) {
      throw new IllegalArgumentException(size + " rows, but " + values.length + " values");
    }
    this.values = values;
  }

  /** The value at the row, arbitrary if the row is null. */
  public int get(int row) {
    return values[row];
  }

  /** The column's own array; from {@link #size} on it means nothing. */
  public int[] values() {
    return values;
  }

  @Override
  public @Nullable Object value(int row) {
    if (isNull(row)) {
      return null;
    }
    return type() == Type.DATE ? Values.date(values[row]) : (Object) values[row];
  }

  @Override
  public IntColumn take(int[] rows, int count) {
    int[] taken = new int[count];
    for (int i = 0; i < count; i++) {
      taken[i] = values[rows[i]];
    }
    return new IntColumn(type(), taken, count, takeValidity(rows, count));
  }
}
