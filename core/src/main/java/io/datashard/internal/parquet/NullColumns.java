package io.datashard.internal.parquet;

import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.schema.Type;

/** Columns that a file does not have. Spec: Iceberg table spec, "Column Projection". */
final class NullColumns {
  private NullColumns() {}

  /** So many nulls. */
  static Column of(Type type, int rows) {
    long[] validity = new long[Validity.words(rows)];
    return switch (FileColumn.lane(type)) {
      case BOOLEAN -> new BooleanColumn(type, new boolean[rows], rows, validity);
      case INT -> new IntColumn(type, new int[rows], rows, validity);
      case LONG -> new LongColumn(type, new long[rows], rows, validity);
      case FLOAT -> new FloatColumn(type, new float[rows], rows, validity);
      case DOUBLE -> new DoubleColumn(type, new double[rows], rows, validity);
      case BYTES -> BytesColumn.plain(type, new byte[0], new int[rows + 1], rows, validity);
    };
  }
}
