package io.datashard.internal.scan;

import io.datashard.expr.Bound;
import io.datashard.table.DataFile;

/**
 * One data file to read.
 *
 * @param file as its manifest describes it, with the metrics of the filter's columns and of those
 *     asked for, only
 * @param key where it is in the storage
 * @param residual what is left of the filter to ask of its rows; {@code Constant(true)} if every
 *     row is wanted
 */
public record FileTask(DataFile file, String key, Bound residual) {
  /** Whether every row of the file is wanted. */
  public boolean wantsAllRows() {
    return residual instanceof Bound.Constant constant && constant.value();
  }

  /** The rows in the file; how many of them are wanted is only known if all are. */
  public long recordCount() {
    return file.recordCount();
  }
}
