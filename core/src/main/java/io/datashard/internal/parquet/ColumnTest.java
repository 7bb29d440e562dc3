package io.datashard.internal.parquet;

import io.datashard.data.Column;

/** A condition on the values of one column. Rows that are null have no bit any more. */
interface ColumnTest {
  void keep(Column column, int size, long[] bits);
}
