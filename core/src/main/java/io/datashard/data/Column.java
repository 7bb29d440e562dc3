package io.datashard.data;

import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * One column of a batch: a primitive array, and which of its rows are null.
 *
 * <p>Which class holds which type: {@link BooleanColumn} boolean; {@link IntColumn} int and date
 * (days); {@link LongColumn} long, time and timestamps (microseconds), decimals of up to 18 digits
 * (unscaled); {@link FloatColumn}; {@link DoubleColumn}; {@link BytesColumn} string (UTF-8),
 * binary, fixed, uuid (16 bytes, big-endian) and wider decimals (unscaled, big-endian two's
 * complement).
 *
 * <p>Validity: bit {@code row % 64} of word {@code row / 64} is set where there is a value; no
 * array at all means that no row is null. The value at a null row is arbitrary. The arrays handed
 * out are the column's own: read them, do not change them.
 */
public abstract sealed class Column
    permits BooleanColumn, IntColumn, LongColumn, FloatColumn, DoubleColumn, BytesColumn {
  private final Type type;
  private final int size;
  private final long @Nullable [] validity;

  Column(Type type, int size, long @Nullable [] validity) {
    if (validity != null && validity.length < Validity.words(size)) {
      throw new IllegalArgumentException(
          "validity of "
              + size
              + " rows needs "
              + Validity.words(size)
              + " words, got "
              + validity.length);
    }
    this.type = type;
    this.size = size;
    this.validity = validity;
  }

  /** The column's type. */
  public final Type type() {
    return type;
  }

  /** The number of rows. */
  public final int size() {
    return size;
  }

  /** Whether the row, from 0, is null. */
  public final boolean isNull(int row) {
    return validity != null && !Validity.isSet(validity, row);
  }

  /** The validity words, or null if no row is null. */
  public final long @Nullable [] validity() {
    return validity;
  }

  /** How many rows are null. */
  public final int nullCount() {
    return validity == null ? 0 : size - Validity.count(validity, size);
  }

  /** The row as the Java value that {@link Type} lists, or null. */
  public abstract @Nullable Object value(int row);

  /**
   * The rows named, in that order; a copy, except that dictionaries are shared.
   *
   * @param rows row numbers, from 0
   * @param count how many of {@code rows} count
   */
  public abstract Column take(int[] rows, int count);

  /** The rows from {@code from} up to and without {@code to}; a copy, or this if it is all. */
  public final Column slice(int from, int to) {
    if (from == 0 && to == size) {
      return this;
    }
    java.util.Objects.checkFromToIndex(from, to, size);
    int[] rows = new int[to - from];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = from + i;
    }
    return take(rows, rows.length);
  }

  final long @Nullable [] takeValidity(int[] rows, int count) {
    return validity == null ? null : Validity.take(validity, rows, count);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(type + "[");
    for (int i = 0; i < Math.min(size, 10); i++) {
      text.append(i == 0 ? "" : ", ").append(value(i));
    }
    return text.append(size > 10 ? ", ... " + size + " rows]" : "]").toString();
  }
}
