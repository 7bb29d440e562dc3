package io.datashard.testkit;

import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts which files are read, and how many bytes of each. */
public final class CountingStorage extends ForwardingStorage {
  private final ConcurrentMap<String, Long> opened = new ConcurrentHashMap<>();
  private final ConcurrentMap<String, Long> bytes = new ConcurrentHashMap<>();

  /** Counts what is read of this storage through the new one. */
  public CountingStorage(Storage storage) {
    super(storage);
  }

  /** Forgets all counts. */
  public void clear() {
    opened.clear();
    bytes.clear();
  }

  /** How often files were opened or read whole whose keys match. */
  public long opened(String keyPattern) {
    return sum(opened, keyPattern);
  }

  /** How many bytes were read of files whose keys match. */
  public long bytes(String keyPattern) {
    return sum(bytes, keyPattern);
  }

  private static long sum(ConcurrentMap<String, Long> counts, String keyPattern) {
    return counts.entrySet().stream()
        .filter(entry -> entry.getKey().matches(keyPattern))
        .mapToLong(entry -> entry.getValue())
        .sum();
  }

  @Override
  public byte[] readWhole(String key, long length) {
    byte[] content = super.readWhole(key, length);
    opened.merge(key, 1L, Long::sum);
    bytes.merge(key, (long) content.length, Long::sum);
    return content;
  }

  @Override
  public ReadableFile open(String key, long length) {
    ReadableFile file = super.open(key, length);
    opened.merge(key, 1L, Long::sum);
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
      public void read(long position, byte[] into, int start, int count) {
        file.read(position, into, start, count);
        bytes.merge(key, (long) count, Long::sum);
      }

      @Override
      public void close() {
        file.close();
      }
    };
  }
}
