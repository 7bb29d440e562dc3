package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;

/** About how much memory a batch keeps. */
final class BatchBytes {
  /** The batch and its columns without what is in them. */
  private static final long OBJECTS = 1_024;

  private BatchBytes() {}

  static long of(Batch batch) {
    long bytes = OBJECTS;
    for (Column column : batch.columns()) {
      bytes += of(column);
    }
    return bytes;
  }

  private static long of(Column column) {
    long rows = column.size();
    if (column instanceof BytesColumn texts) {
      // Dictionaries are shared by all batches of a row group, so they count for none.
      return 4 * rows
          + (texts.isDictionary() || rows == 0 ? 0 : texts.end(column.size() - 1) - texts.start(0));
    }
    if (column instanceof BooleanColumn) {
      return rows;
    }
    return column instanceof IntColumn || column instanceof FloatColumn ? 4 * rows : 8 * rows;
  }
}
