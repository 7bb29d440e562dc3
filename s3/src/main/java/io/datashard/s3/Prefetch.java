package io.datashard.s3;

import io.datashard.storage.Storage;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Objects on their way that somebody said he would read: each is fetched once, handed over once,
 * and then forgotten here. Bounded in bytes and number; what does not fit is not fetched before it
 * is asked for. What nobody came for makes room after a while.
 */
final class Prefetch {
  private static final int BYTES_MAX = 32 << 20;
  private static final int COUNT_MAX = 64;

  /** What a file counts of which only is known that it is read whole. */
  private static final int UNKNOWN_BYTES = 256 << 10;

  private static final long STALE_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final S3Env env;
  private final Map<String, Item> items = new LinkedHashMap<>();
  private long bytes;

  private record Item(long length, long bytes, long startNanos, Calls.Pending<Requests.Got> got) {}

  Prefetch(S3Env env) {
    this.env = env;
  }

  /** Fetches a file as {@link S3ReadableFile#open} would. */
  interface Fetch {
    Calls.Pending<Requests.Got> start(String key, long length);
  }

  synchronized void start(List<Storage.Expected> files, Fetch fetch) {
    long now = env.nanoTime();
    for (Storage.Expected file : files) {
      if (items.containsKey(file.key())) {
        continue;
      }
      long length = file.length() < 0 ? UNKNOWN_BYTES : file.length();
      long size = Math.min(length, S3ReadableFile.WHOLE_BYTES_MAX);
      while (!hasRoom(size)) {
        if (!dropStale(now)) {
          return;
        }
      }
      items.put(
          file.key(), new Item(file.length(), size, now, fetch.start(file.key(), file.length())));
      bytes += size;
    }
  }

  private boolean hasRoom(long more) {
    return bytes + more <= BYTES_MAX && items.size() < COUNT_MAX;
  }

  private boolean dropStale(long now) {
    Iterator<Item> oldest = items.values().iterator();
    Item item = oldest.hasNext() ? oldest.next() : null;
    if (item == null || now - item.startNanos() < STALE_NANOS) {
      return false;
    }
    oldest.remove();
    bytes -= item.bytes();
    return true;
  }

  /** What is on its way of this file, if its length was told the same; null if nothing is. */
  synchronized Calls.@Nullable Pending<Requests.Got> take(String key, long length) {
    Item item = items.get(key);
    if (item == null || item.length() != length) {
      return null;
    }
    items.remove(key);
    bytes -= item.bytes();
    return item.got();
  }
}
