package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import org.jspecify.annotations.Nullable;

/** Hands out a file's rows batch by batch, in the file's order. For one thread at a time. */
public interface BatchReader extends AutoCloseable {
  /**
   * The next rows, at least one, or null after the last.
   *
   * @throws io.datashard.error.CorruptTableException the file is damaged; it is named
   * @throws io.datashard.error.UnsupportedTableException the file uses something that is not read,
   *     such as a codec, an encoding or times finer than microseconds
   * @throws io.datashard.error.StorageException the store failed
   */
  @Nullable Batch next();

  /** What was looked at and passed over so far. To be asked by the thread that reads. */
  ReadCounts counts();

  /** Row groups passed over because no row of theirs could match. */
  int rowGroupsSkipped();

  /** Pages of the row groups read that were passed over without being decompressed. */
  long pagesSkipped();

  /** Bytes read from the file, beyond those that opening it read. */
  long bytesRead();

  /** Frees buffers; the file stays open. */
  @Override
  void close();
}
