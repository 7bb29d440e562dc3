package io.datashard.internal.rows;

import io.datashard.data.Batch;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The same rows in batches of one size, the last one shorter. */
public final class Resized implements BatchSource {
  private final BatchSource source;
  private final int rowsWanted;
  private @Nullable Batch rest;

  /** Batches of {@code rowsWanted} rows out of those of {@code source}. */
  public Resized(BatchSource source, int rowsWanted) {
    this.source = source;
    this.rowsWanted = rowsWanted;
  }

  @Override
  public @Nullable Batch next() {
    List<Batch> parts = new ArrayList<>();
    int missing = rowsWanted;
    while (missing > 0) {
      Batch batch = rest == null ? source.next() : rest;
      rest = null;
      if (batch == null) {
        break;
      }
      int taken = Math.min(missing, batch.rows());
      if (taken < batch.rows()) {
        rest = batch.slice(taken, batch.rows());
      }
      parts.add(batch.slice(0, taken));
      missing -= taken;
    }
    return parts.isEmpty() ? null : Batch.concat(parts);
  }

  @Override
  public void close() {
    rest = null;
    source.close();
  }
}
