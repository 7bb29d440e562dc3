package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import org.apache.parquet.format.ColumnMetaData;
import org.jspecify.annotations.Nullable;

/**
 * Everything about the chunk that does not change while it is read.
 *
 * @param sealed whether the file is ours, whose footer is right and tells how pages are written
 */
record StoredChunk(
    FileColumn column,
    Type type,
    Conversion conversion,
    ColumnMetaData about,
    long rows,
    boolean ordered,
    boolean sealed,
    @Nullable PageIndex index,
    RowRanges wanted) {
  long start() {
    return ParquetFooter.chunkStart(about);
  }

  long end() {
    return start() + about.getTotal_compressed_size();
  }
}
