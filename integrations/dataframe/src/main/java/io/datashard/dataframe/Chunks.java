package io.datashard.dataframe;

import io.datashard.Batches;
import io.datashard.data.Batch;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.dflib.DataFrame;
import org.jspecify.annotations.Nullable;

/** Data frames of one size, one after another. Used by one thread at a time; close it. */
public final class Chunks implements Iterator<DataFrame>, AutoCloseable {
  private final Batches batches;
  private final Iterator<Batch> source;
  private final int rows;
  private @Nullable Batch rest;

  Chunks(Batches batches, int rows) {
    this.batches = batches;
    this.source = batches.iterator();
    this.rows = rows;
  }

  @Override
  public boolean hasNext() {
    return rest != null || source.hasNext();
  }

  @Override
  public DataFrame next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    FrameBuilder frame = new FrameBuilder(batches.schema());
    while (frame.rows() < rows && hasNext()) {
      Batch batch = rest == null ? source.next() : rest;
      int taken = Math.min(batch.rows(), rows - frame.rows());
      rest = taken == batch.rows() ? null : batch.slice(taken, batch.rows());
      frame.add(batch.slice(0, taken));
    }
    return frame.build();
  }

  @Override
  public void close() {
    batches.close();
  }
}
