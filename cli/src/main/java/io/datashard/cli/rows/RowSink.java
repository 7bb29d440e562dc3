package io.datashard.cli.rows;

import io.datashard.data.ColumnBuilder;
import io.datashard.schema.Schema;

/** Takes rows one after another: every column gets one value, then {@link #endRow}. */
public interface RowSink {
  /** The columns of the rows. */
  Schema schema();

  /** Where the value of the column at this place goes. */
  ColumnBuilder column(int place);

  /**
   * Ends the row.
   *
   * @param source the file it is from
   * @param line where it ends there, from 1
   */
  void endRow(String source, long line);
}
