package io.datashard.internal.scan;

import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.internal.manifest.ManifestList;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Immutable files of a table, by key and length: manifests and manifest lists, whose names are
 * never used twice. They are kept as files and as what was decoded from them. Bounded in bytes; the
 * least recently used are dropped first, files before what was decoded. Safe for use by many
 * threads; two of them may load the same file at once.
 */
public final class FileCache {
  /** One file takes at most this part of the cache, so that it does not empty it. */
  private static final int PART_MAX = 4;

  /** An entry of the maps and its key. */
  private static final long ENTRY_BYTES = 120;

  private static final long MANIFEST_BYTES = 250;
  private static final long SUMMARY_BYTES = 160;

  private final long bytesMax;
  private final Map<Key, Kept> files = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Key, Kept> decoded = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes;
  private long manifestsDecoded;
  private long columnsDecoded;

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

    long bytes() {
      return ENTRY_BYTES + key.length();
    }
  }

  /** What is kept, and what it takes. */
  private record Kept(Object value, long bytes) {}

  /**
   * An empty cache.
   *
   * @param bytesMax how many bytes of memory it takes; 0 keeps nothing
   */
  public FileCache(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Whether the file, or what was decoded from it, is at hand at this moment. */
  boolean holds(String key, long length) {
    Key wanted = new Key(key, length);
    synchronized (files) {
      return files.containsKey(wanted) || decoded.containsKey(wanted);
    }
  }

  /** What it takes in memory now, about. */
  long bytes() {
    synchronized (files) {
      return bytes;
    }
  }

  /**
   * What was decoded since the cache was made.
   *
   * @param manifests how often a manifest was, wholly or for more columns
   * @param columns how many columns of metrics, of one manifest each
   */
  record Work(long manifests, long columns) {}

  Work work() {
    synchronized (files) {
      return new Work(manifestsDecoded, columnsDecoded);
    }
  }

  /** Counts a manifest that was decoded, and so many columns of metrics with it. */
  void count(int columns) {
    synchronized (files) {
      manifestsDecoded++;
      columnsDecoded += columns;
    }
  }

  /** The file's content; not to be changed. What fails to load is not kept. */
  byte[] get(String key, long length, Supplier<byte[]> load) {
    Key wanted = new Key(key, length);
    synchronized (files) {
      Kept kept = files.get(wanted);
      if (kept != null) {
        return (byte[]) kept.value();
      }
    }
    byte[] loaded = load.get();
    put(files, wanted, loaded, loaded.length);
    return loaded;
  }

  /** The columns of a manifest, if they are at hand. */
  @Nullable ManifestColumns columns(String key, long length) {
    return decoded(key, length) instanceof ManifestColumns columns ? columns : null;
  }

  /** Keeps the columns of a manifest, joined with those that another thread kept meanwhile. */
  void keep(String key, long length, ManifestColumns columns) {
    Key wanted = new Key(key, length);
    ManifestColumns other = columns(key, length);
    ManifestColumns joined = other == null ? columns : columns.joined(other);
    put(decoded, wanted, joined, joined.memoryBytes());
  }

  /** A manifest list, if it is at hand. */
  @Nullable ManifestList list(String key) {
    return decoded(key, -1) instanceof ManifestList list ? list : null;
  }

  /** Keeps a manifest list instead of its file. */
  void keep(String key, ManifestList list) {
    long size = 0;
    for (ManifestFile manifest : list.manifests()) {
      size += MANIFEST_BYTES + manifest.location().length();
      for (PartitionSummary summary : manifest.partitions()) {
        size += SUMMARY_BYTES + length(summary.lower()) + length(summary.upper());
      }
    }
    for (Map.Entry<String, String> header : list.header().entrySet()) {
      size += ENTRY_BYTES + header.getKey().length() + header.getValue().length();
    }
    put(decoded, new Key(key, -1), list, size);
  }

  private static long length(@Nullable ByteBuffer bound) {
    return bound == null ? 0 : bound.capacity();
  }

  private @Nullable Object decoded(String key, long length) {
    Key wanted = new Key(key, length);
    synchronized (files) {
      Kept kept = decoded.get(wanted);
      return kept == null ? null : kept.value();
    }
  }

  private void put(Map<Key, Kept> into, Key key, Object value, long valueBytes) {
    long size = key.bytes() + valueBytes;
    if (size > bytesMax / PART_MAX) {
      return;
    }
    synchronized (files) {
      Kept old = into.put(key, new Kept(value, size));
      bytes += size - (old == null ? 0 : old.bytes());
      drop(files);
      drop(decoded);
    }
  }

  private void drop(Map<Key, Kept> from) {
    Iterator<Kept> eldest = from.values().iterator();
    while (bytes > bytesMax && eldest.hasNext()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
  }
}
