package io.datashard.arrow;

import io.datashard.data.Batch;
import io.datashard.schema.Schema;

/** Batches made of Arrow data, one after another. To be iterated once, by one thread at a time. */
public interface IncomingBatches extends Iterable<Batch> {
  /** The columns of every batch: the table's, as far as they are given, in the order given. */
  Schema schema();
}
