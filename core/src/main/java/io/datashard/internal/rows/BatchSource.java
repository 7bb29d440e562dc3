package io.datashard.internal.rows;

import io.datashard.data.Batch;
import org.jspecify.annotations.Nullable;

/** Batches one after another. Used by one thread at a time; closing early frees everything. */
public interface BatchSource extends AutoCloseable {
  /** The next batch, never empty, or null at the end. */
  @Nullable Batch next();

  @Override
  void close();
}
