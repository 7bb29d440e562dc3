package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;

/** What a manifest's column metrics tell of a file. */
final class ColumnFacts {
  private ColumnFacts() {}

  static Facts of(DataFile file, Field field, String manifestName) {
    long rows = file.recordCount();
    ColumnMetrics column = file.column(field);
    if (!agree(rows, column)) {
      return new Facts(rows, -1, -1, null, null);
    }
    try {
      return new Facts(
          rows,
          column.nullCount(),
          column.nanCount(),
          BoundBytes.decode(field.type(), column.lower()),
          BoundBytes.decode(field.type(), column.upper()));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          manifestName
              + " records for the data file "
              + file.location()
              + " a bound that is no value of column '"
              + field.name()
              + "': "
              + e.getMessage(),
          e);
    }
  }

  /** Counts that contradict each other were not counted; then nothing beside them is believed. */
  private static boolean agree(long rows, ColumnMetrics column) {
    long nulls = Math.max(0, column.nullCount());
    long nans = Math.max(0, column.nanCount());
    return (column.valueCount() < 0 || column.valueCount() == rows)
        && nulls <= rows
        && nans <= rows - nulls;
  }
}
