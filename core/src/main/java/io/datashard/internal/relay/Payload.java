package io.datashard.internal.relay;

import io.datashard.data.Batch;
import io.datashard.table.DataFile;
import java.util.List;

/** What an append adds. */
public sealed interface Payload {
  /** How many rows. */
  long rows();

  /** Rows that share a data file with those of others. */
  record Rows(Batch batch) implements Payload {
    @Override
    public long rows() {
      return batch.rows();
    }
  }

  /** Data files of its own, written and durable already. */
  record Files(List<DataFile> files) implements Payload {
    public Files {
      files = List.copyOf(files);
    }

    @Override
    public long rows() {
      return files.stream().mapToLong(DataFile::recordCount).sum();
    }
  }
}
