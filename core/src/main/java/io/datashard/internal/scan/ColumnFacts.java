package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.internal.manifest.BoundLane;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.internal.manifest.MetricColumn;
import io.datashard.schema.Field;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import java.nio.ByteBuffer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What a manifest's column metrics tell of a file. */
final class ColumnFacts {
  private ColumnFacts() {}

  static Facts of(ManifestColumns files, int file, Field field, String manifestName) {
    MetricColumn column = files.metrics(field);
    return of(
        files.recordCount(file),
        column.valueCount(file),
        column.nullCount(file),
        column.nanCount(file),
        field,
        column.lower(file),
        column.upper(file),
        () -> manifestName + " records for the data file " + files.location(file));
  }

  /** Of a file that was taken out of its manifest, with the metrics of this column. */
  static Facts of(DataFile file, Field field) {
    ColumnMetrics column = file.column(field);
    return of(
        file.recordCount(),
        column.valueCount(),
        column.nullCount(),
        column.nanCount(),
        field,
        column.lower(),
        column.upper(),
        () -> "A manifest records for the data file " + file.location());
  }

  private static Facts of(
      long rows,
      long values,
      long nulls,
      long nans,
      Field field,
      @Nullable ByteBuffer lower,
      @Nullable ByteBuffer upper,
      Supplier<String> where) {
    if (!BoundLane.agree(rows, values, nulls, nans)) {
      return new Facts(rows, -1, -1, null, null);
    }
    try {
      return new Facts(
          rows,
          nulls,
          nans,
          BoundBytes.decode(field.type(), lower),
          BoundBytes.decode(field.type(), upper));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          where.get()
              + " a bound that is no value of column '"
              + field.name()
              + "': "
              + e.getMessage(),
          e);
    }
  }
}
