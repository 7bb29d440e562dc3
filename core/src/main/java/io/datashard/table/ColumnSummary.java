package io.datashard.table;

import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * What some rows have in one column, counted exactly.
 *
 * @param column its name
 * @param type its type
 * @param rows how many rows there are
 * @param nulls in how many of them it is null
 * @param nans in how many it is NaN; 0 for types without NaN
 * @param min the smallest value but for null and NaN, of the class that {@link Type} lists, by the
 *     order that filters compare in; null if there is none. A zero is 0.0, whatever its sign
 * @param max the largest value, as the smallest
 */
public record ColumnSummary(
    String column,
    Type type,
    long rows,
    long nulls,
    long nans,
    @Nullable Object min,
    @Nullable Object max) {
  public ColumnSummary {
    min = withoutSignOfZero(min);
    max = withoutSignOfZero(max);
  }

  private static @Nullable Object withoutSignOfZero(@Nullable Object value) {
    // Adding 0.0 turns -0.0 into 0.0 and changes nothing else.
    if (value instanceof Double wide) {
      return wide + 0.0;
    }
    return value instanceof Float narrow ? (Object) (narrow + 0.0f) : value;
  }
}
