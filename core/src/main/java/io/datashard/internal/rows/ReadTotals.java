package io.datashard.internal.rows;

import io.datashard.internal.parquet.ReadCounts;
import io.datashard.storage.ReadableFile;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a scan has read of its data files so far. Row groups and pages are counted when the piece
 * they belong to is at its end or closed. Safe for use by many threads.
 */
public final class ReadTotals {
  private final AtomicLong files = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicReference<ReadCounts> counts = new AtomicReference<>(ReadCounts.NONE);

  /** Files that were opened. */
  public long filesOpened() {
    return files.get();
  }

  /** Bytes that the storage was asked for, footers among them. */
  public long bytesRead() {
    return bytes.get();
  }

  /** Row groups and pages. */
  public ReadCounts counts() {
    return Objects.requireNonNull(counts.get());
  }

  void add(ReadCounts more) {
    counts.accumulateAndGet(more, ReadCounts::plus);
  }

  /** A file that was opened, whose bytes are counted as they are read. */
  ReadableFile opened(ReadableFile file) {
    files.incrementAndGet();
    return new ReadableFile() {
      @Override
      public String key() {
        return file.key();
      }

      @Override
      public long length() {
        return file.length();
      }

      @Override
      public boolean isRemote() {
        return file.isRemote();
      }

      @Override
      public void read(long position, byte[] into, int start, int length) {
        file.read(position, into, start, length);
        bytes.addAndGet(length);
      }

      @Override
      public void close() {
        file.close();
      }
    };
  }
}
