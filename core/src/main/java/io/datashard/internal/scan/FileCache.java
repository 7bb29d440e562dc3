package io.datashard.internal.scan;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whole immutable files of a table, by key, the least recently used dropped first. For manifests
 * and manifest lists, whose names are never used twice. Safe for use by many threads; two of them
 * may load the same file at once.
 */
public final class FileCache {
  /** One file takes at most this part of the cache, so that it does not empty it. */
  private static final int PART_MAX = 4;

  private final long bytesMax;
  private final Map<Key, byte[]> files = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;

  /** By hand: the first hash of a record without costs a short command a tenth of its time. */
  private record Key(String key, long length) {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Key that && length == that.length && key.equals(that.key);
    }

    @Override
    public int hashCode() {
      return key.hashCode() * 31 + Long.hashCode(length);
    }
  }

  /**
   * An empty cache.
   *
   * @param bytesMax how many bytes of files it keeps; 0 keeps none
   */
  public FileCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether it is at hand at this moment. */
  boolean holds(String key, long length) {
    synchronized (files) {
      return files.containsKey(new Key(key, length));
    }
  }

  /** The file's content; not to be changed. What fails to load is not kept. */
  byte[] get(String key, long length, Supplier<byte[]> load) {
    Key wanted = new Key(key, length);
    synchronized (files) {
      byte @Nullable [] kept = files.get(wanted);
      if (kept != null) {
        return kept;
      }
    }
    byte[] loaded = load.get();
    if (loaded.length <= bytesMax / PART_MAX) {
      put(wanted, loaded);
    }
    return loaded;
  }

  private void put(Key key, byte[] content) {
    synchronized (files) {
      byte @Nullable [] old = files.put(key, content);
      bytes += content.length - (old == null ? 0 : old.length);
      var eldest = files.entrySet().iterator();
      while (bytes > bytesMax) {
        bytes -= eldest.next().getValue().length;
        eldest.remove();
      }
    }
  }
}
