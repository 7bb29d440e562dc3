package io.datashard.internal.relay;

import io.datashard.data.Batch;
import io.datashard.internal.commit.AddedFiles;
import io.datashard.internal.commit.Head;
import io.datashard.internal.rows.BatchCodec;
import io.datashard.table.DataFile;
import java.nio.ByteBuffer;
import java.util.List;

/** What an append adds. */
public sealed interface Payload {
  /** How many rows. */
  long rows();

  /** What it takes in a message. */
  int bytes();

  /** Rows that share a data file with those of others. */
  record Rows(Batch batch) implements Payload {
    @Override
    public long rows() {
      return batch.rows();
    }

    @Override
    public int bytes() {
      return Math.toIntExact(BatchCodec.size(batch));
    }
  }

  /**
   * Data files of its own, written already and as durable as the table asks for.
   *
   * @param encoded the same as bytes, see {@link AddedFiles}
   * @param since the number of a version that was the newest one before the first of them was
   *     written: of later clean-ups it must be asked whether they spare them (I7)
   */
  record Files(List<DataFile> files, ByteBuffer encoded, long since) implements Payload {
    public Files {
      files = List.copyOf(files);
    }

    /** Files that were written for this version of the table. */
    public static Files of(Head head, List<DataFile> files) {
      return new Files(files, AddedFiles.write(head.metadata(), files), head.version().number());
    }

    @Override
    public long rows() {
      return files.stream().mapToLong(DataFile::recordCount).sum();
    }

    @Override
    public int bytes() {
      return Long.BYTES + encoded.remaining();
    }
  }
}
