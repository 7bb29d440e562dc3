package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.internal.parquet.Workspace;
import io.datashard.internal.parquet.Workspaces;
import io.datashard.schema.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The matching rows of some files, or of some row groups of one. */
final class FileRows implements Piece {
  private final Schema wanted;
  private final int batchRows;
  private final List<Groups> all;
  private final Workspaces workspaces;
  private @Nullable Workspace workspace;
  private int at;
  private @Nullable BatchReader current;

  /**
   * Row groups of one file.
   *
   * @param end after the last one; a larger number than there are means all that are left
   */
  record Groups(SharedFile file, int first, int end) {
    static final int ALL = Integer.MAX_VALUE;
  }

  FileRows(Schema wanted, int batchRows, List<Groups> all, Workspaces workspaces) {
    this.wanted = wanted;
    this.batchRows = batchRows;
    this.all = all;
    this.workspaces = workspaces;
  }

  @Override
  public @Nullable Batch next() {
    while (at < all.size()) {
      BatchReader reader = current;
      if (reader == null) {
        reader = open(all.get(at));
        current = reader;
      }
      Batch batch = reader.next();
      if (batch != null) {
        return batch;
      }
      endFile();
    }
    return null;
  }

  private BatchReader open(Groups groups) {
    ParquetReader file = groups.file().reader();
    int count = file.rowGroupCount();
    Workspace with = workspace;
    if (with == null) {
      with = workspaces.take();
      workspace = with;
    }
    return file.read(
        wanted,
        groups.file().task().filter(),
        batchRows,
        Math.min(groups.first(), count),
        Math.min(groups.end(), count),
        with);
  }

  private void endFile() {
    if (current != null) {
      current.close();
      all.get(at).file().totals().add(current.counts());
      current = null;
    }
    all.get(at++).file().release();
  }

  @Override
  public void close() {
    try {
      while (at < all.size()) {
        endFile();
      }
    } finally {
      if (workspace != null) {
        workspaces.giveBack(workspace);
        workspace = null;
      }
      workspaces.end();
    }
  }
}
