package io.datashard.internal.scan;

import io.datashard.error.CorruptTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.internal.manifest.BoundLane;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.internal.manifest.MetricColumn;
import io.datashard.schema.Field;

/** What a manifest's column metrics tell of a file. */
final class ColumnFacts {
  private ColumnFacts() {}

  static Facts of(ManifestColumns files, int file, Field field, String manifestName) {
    long rows = files.recordCount(file);
    MetricColumn column = files.metrics(field);
    long nulls = column.nullCount(file);
    long nans = column.nanCount(file);
    if (!BoundLane.agree(rows, column.valueCount(file), nulls, nans)) {
      return new Facts(rows, -1, -1, null, null);
    }
    try {
      return new Facts(
          rows,
          nulls,
          nans,
          BoundBytes.decode(field.type(), column.lower(file)),
          BoundBytes.decode(field.type(), column.upper(file)));
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          manifestName
              + " records for the data file "
              + files.location(file)
              + " a bound that is no value of column '"
              + field.name()
              + "': "
              + e.getMessage(),
          e);
    }
  }
}
