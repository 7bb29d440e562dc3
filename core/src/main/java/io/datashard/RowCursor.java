package io.datashard;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.internal.rows.RowMaps;
import io.datashard.schema.Schema;
import io.datashard.table.ScanReport;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows one after another, read by typed getters: no object a row.
 *
 * <p>Starts before the first row; {@link #next} moves. Columns are named, or counted from 0 in the
 * order of {@link #schema}, which is the order of {@link Scan#select}. The getter must be that of
 * the column's type; a primitive getter on a null is an error, ask {@link #isNull} first. Used by
 * one thread at a time; close it.
 */
public final class RowCursor implements AutoCloseable {
  private final Schema schema;
  private final Reading source;
  private final RowMaps maps = new RowMaps();
  private @Nullable Batch batch;
  private int row = -1;
  private boolean ended;

  RowCursor(Schema schema, Reading source) {
    this.schema = schema;
    this.source = source;
  }

  /** The columns of the rows. */
  public Schema schema() {
    return schema;
  }

  /**
   * What was read so far, and what was left out by which means. It is complete when {@link #next}
   * has returned false or this is closed.
   */
  public ScanReport report() {
    return source.report();
  }

  /** Moves to the next row; false at the end. */
  public boolean next() {
    if (ended) {
      return false;
    }
    row++;
    while (batch == null || row >= batch.rows()) {
      batch = source.next();
      row = 0;
      if (batch == null) {
        ended = true;
        return false;
      }
    }
    return true;
  }

  private Batch here() {
    if (batch == null) {
      throw new IllegalStateException(
          ended ? "The cursor is past its last row." : "Call next() before reading the first row.");
    }
    return batch;
  }

  private Column column(int place) {
    return here().column(place);
  }

  private <C extends Column> C column(int place, Class<C> wanted, String getter) {
    Column column = column(place);
    if (!wanted.isInstance(column)) {
      throw new IllegalArgumentException(
          "Column '"
              + schema.field(place).name()
              + "' is "
              + column.type()
              + "; "
              + getter
              + " cannot read it.");
    }
    if (column.isNull(row)) {
      throw new IllegalStateException(
          "Column '"
              + schema.field(place).name()
              + "' is null in this row; ask isNull(...) before "
              + getter
              + ".");
    }
    return wanted.cast(column);
  }

  private <T> @Nullable T object(int place, Class<T> wanted) {
    Object value = column(place).value(row);
    if (value != null && !wanted.isInstance(value)) {
      throw new IllegalArgumentException(
          "Column '"
              + schema.field(place).name()
              + "' is "
              + column(place).type()
              + ", not read as "
              + wanted.getSimpleName()
              + ".");
    }
    return wanted.cast(value);
  }

  /** Whether the column is null in this row. */
  public boolean isNull(int place) {
    return column(place).isNull(row);
  }

  /** Whether the column is null in this row. */
  public boolean isNull(String name) {
    return isNull(schema.placeOf(name));
  }

  /** A boolean. */
  public boolean getBoolean(int place) {
    return column(place, BooleanColumn.class, "getBoolean").get(row);
  }

  /** A boolean. */
  public boolean getBoolean(String name) {
    return getBoolean(schema.placeOf(name));
  }

  /** An int; a date as days since 1970-01-01. */
  public int getInt(int place) {
    return column(place, IntColumn.class, "getInt").get(row);
  }

  /** An int; a date as days since 1970-01-01. */
  public int getInt(String name) {
    return getInt(schema.placeOf(name));
  }

  /** A long or an int; time and timestamps in microseconds; a short decimal's unscaled value. */
  public long getLong(int place) {
    if (column(place) instanceof IntColumn) {
      return getInt(place);
    }
    return column(place, LongColumn.class, "getLong").get(row);
  }

  /** A long or an int; time and timestamps in microseconds; a short decimal's unscaled value. */
  public long getLong(String name) {
    return getLong(schema.placeOf(name));
  }

  /** A float. */
  public float getFloat(int place) {
    return column(place, FloatColumn.class, "getFloat").get(row);
  }

  /** A float. */
  public float getFloat(String name) {
    return getFloat(schema.placeOf(name));
  }

  /** A double or a float. */
  public double getDouble(int place) {
    if (column(place) instanceof FloatColumn) {
      return getFloat(place);
    }
    return column(place, DoubleColumn.class, "getDouble").get(row);
  }

  /** A double or a float. */
  public double getDouble(String name) {
    return getDouble(schema.placeOf(name));
  }

  /** A string, or null. */
  public @Nullable String getString(int place) {
    return object(place, String.class);
  }

  /** A string, or null. */
  public @Nullable String getString(String name) {
    return getString(schema.placeOf(name));
  }

  /** A decimal, or null. */
  public @Nullable BigDecimal getDecimal(int place) {
    return object(place, BigDecimal.class);
  }

  /** A decimal, or null. */
  public @Nullable BigDecimal getDecimal(String name) {
    return getDecimal(schema.placeOf(name));
  }

  /** A date, or null. */
  public @Nullable LocalDate getDate(int place) {
    return object(place, LocalDate.class);
  }

  /** A date, or null. */
  public @Nullable LocalDate getDate(String name) {
    return getDate(schema.placeOf(name));
  }

  /** A time of day, or null. */
  public @Nullable LocalTime getTime(int place) {
    return object(place, LocalTime.class);
  }

  /** A time of day, or null. */
  public @Nullable LocalTime getTime(String name) {
    return getTime(schema.placeOf(name));
  }

  /** A timestamp without zone, or null. */
  public @Nullable LocalDateTime getTimestamp(int place) {
    return object(place, LocalDateTime.class);
  }

  /** A timestamp without zone, or null. */
  public @Nullable LocalDateTime getTimestamp(String name) {
    return getTimestamp(schema.placeOf(name));
  }

  /** A timestamptz, or null. */
  public @Nullable Instant getInstant(int place) {
    return object(place, Instant.class);
  }

  /** A timestamptz, or null. */
  public @Nullable Instant getInstant(String name) {
    return getInstant(schema.placeOf(name));
  }

  /** A uuid, or null. */
  public @Nullable UUID getUuid(int place) {
    return object(place, UUID.class);
  }

  /** A uuid, or null. */
  public @Nullable UUID getUuid(String name) {
    return getUuid(schema.placeOf(name));
  }

  /** The bytes of a binary, a fixed, or a string in UTF-8, copied; or null. */
  public byte @Nullable [] getBytes(int place) {
    Column column = column(place);
    if (column.isNull(row)) {
      return null;
    }
    return column(place, BytesColumn.class, "getBytes").copy(row);
  }

  /** The bytes of a binary, a fixed, or a string in UTF-8, copied; or null. */
  public byte @Nullable [] getBytes(String name) {
    return getBytes(schema.placeOf(name));
  }

  /** The value as the Java object that {@link io.datashard.schema.Type} lists, or null. */
  public @Nullable Object get(int place) {
    return column(place).value(row);
  }

  /** The value as the Java object that {@link io.datashard.schema.Type} lists, or null. */
  public @Nullable Object get(String name) {
    return get(schema.placeOf(name));
  }

  /** The row as a new map from column name to value. */
  public Map<String, @Nullable Object> toMap() {
    return maps.of(here(), row);
  }

  @Override
  public void close() {
    ended = true;
    batch = null;
    source.close();
  }
}
