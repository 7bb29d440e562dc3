package io.datashard.data;

import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/** Floats. */
public final class FloatColumn extends Column {
  private final float[] values;

  /**
   * A column over this array, which it keeps.
   *
   * @param values at least {@code size} values
   * @param validity see {@link Column}; null if no row is null
   */
  public FloatColumn(Type type, float[] values, int size, long @Nullable [] validity) {
    super(type, size, validity);
    if (values.length < size) {
      throw new IllegalArgumentException(size + " rows, but " + values.length + " values");
    }
    this.values = values;
  }

  /** The value at the row, arbitrary if the row is null. */
  public float get(int row) {
    return values[row];
  }

  /** The column's own array; from {@link #size} on it means nothing. */
  public float[] values() {
    return values;
  }

  @Override
  public @Nullable Object value(int row) {
    if (isNull(row)) {
      return null;
    }
    return values[row];
  }

  @Override
  public FloatColumn take(int[] rows, int count) {
    float[] taken = new float[count];
    for (int i = 0; i < count; i++) {
      taken[i] = values[rows[i]];
    }
    return new FloatColumn(type(), taken, count, takeValidity(rows, count));
  }
}
