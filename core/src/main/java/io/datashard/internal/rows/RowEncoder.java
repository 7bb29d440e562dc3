package io.datashard.internal.rows;

import io.datashard.data.BatchBuilder;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.Field;
import io.datashard.schema.Values;
import org.jspecify.annotations.Nullable;

/**
 * Turns one kind of Java row into a row of a batch.
 *
 * @param <T> the kind of row
 */
public interface RowEncoder<T> {
  /**
   * Adds the row.
   *
   * @param number the row's number within its append, from 1, for messages
   * @throws InvalidRowException a value does not fit; the builder is then of no more use
   */
  void encode(T row, long number, BatchBuilder into);

  /** The error that names row, column, value and type. */
  static InvalidRowException refuse(
      long number, Field field, @Nullable Object value, IllegalArgumentException cause) {
    String found = value == null ? "null" : Values.describe(value);
    return new InvalidRowException(
        "Row "
            + number
            + ", column '"
            + field.name()
            + "' ("
            + (field.required() ? "required " : "")
            + field.type()
            + "): "
            + found
            + " does not fit: "
            + cause.getMessage()
            + ". Nothing was committed.",
        cause);
  }
}
