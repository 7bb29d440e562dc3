package io.datashard;

import io.datashard.data.Batch;
import io.datashard.internal.rows.BatchSource;
import io.datashard.schema.Schema;
import io.datashard.table.ScanReport;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The column batches of a scan, one after another. To be iterated once, by one thread at a time;
 * close it, which frees everything even in the middle.
 */
public final class Batches implements Iterable<Batch>, AutoCloseable {
  private final Schema schema;
  private final BatchSource source;
  private final Reading reading;
  private boolean taken;

  /**
   * Batches of a reading.
   *
   * @param source the reading itself, or its batches in another size
   */
  Batches(Schema schema, Reading reading, BatchSource source) {
    this.schema = schema;
    this.reading = reading;
    this.source = source;
  }

  /** The columns of every batch. */
  public Schema schema() {
    return schema;
  }

  /**
   * What was read so far, and what was left out by which means. It is complete when the last batch
   * was handed out or this is closed.
   */
  public ScanReport report() {
    return reading.report();
  }

  @Override
  public Iterator<Batch> iterator() {
    if (taken) {
      throw new IllegalStateException("These batches were iterated already; start a new scan.");
    }
    taken = true;
    return new Iterator<>() {
      private @Nullable Batch ahead;
      private boolean ended;

      @Override
      public boolean hasNext() {
        if (ahead == null && !ended) {
          ahead = source.next();
          ended = ahead == null;
        }
        return ahead != null;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Batch batch = ahead;
        ahead = null;
        return java.util.Objects.requireNonNull(batch);
      }
    };
  }

  @Override
  public void close() {
    source.close();
  }
}
