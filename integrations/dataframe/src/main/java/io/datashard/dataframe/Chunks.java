package io.datashard.dataframe;

import io.datashard.Batches;
import io.datashard.data.Batch;
import java.util.Iterator;
import org.dflib.DataFrame;

/** Data frames of one size, one after another. Used by one thread at a time; close it. */
public final class Chunks implements Iterator<DataFrame>, AutoCloseable {
  private final Batches batches;
  private final Iterator<Batch> source;

  Chunks(Batches batches) {
    this.batches = batches;
    this.source = batches.iterator();
  }

  @Override
  public boolean hasNext() {
    return source.hasNext();
  }

  @Override
  public DataFrame next() {
    FrameBuilder frame = new FrameBuilder(batches.schema());
    frame.add(source.next());
    return frame.build();
  }

  @Override
  public void close() {
    batches.close();
  }
}
