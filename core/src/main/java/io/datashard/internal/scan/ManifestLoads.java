package io.datashard.internal.scan;

import io.datashard.internal.env.SharedThreads;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.internal.scan.SnapshotFiles.Undecoded;
import io.datashard.schema.Field;
import io.datashard.table.ManifestFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Manifests as columns, one after the other, decoded by several threads.
 *
 * <p>How it works: the caller's thread alone reads files, some ahead of the one it wants, and
 * queues them; threads of the library take from the end of the queue and decode. Whatever nobody
 * took when the caller comes to it, it decodes itself, and while somebody else decodes what it
 * wants, it decodes others. Errors are thrown when the manifest they belong to is asked for.
 */
final class ManifestLoads implements AutoCloseable {
  /** Below this size decoding takes less time than a hand-over. */
  private static final int SHARED_BYTES_MIN = 16 << 10;

  /** What lies read and not decoded at most, beyond the next one. */
  private static final long AHEAD_BYTES_MAX = 32 << 20;

  private static final int THREADS_MAX = 16;
  private static final int AHEAD_A_THREAD = 8;

  private final SnapshotFiles snapshot;
  private final Iterator<ManifestFile> manifests;
  private final List<Field> fields;
  private final int ahead;
  private final int helpersMax;
  private final Queue<Load> loads = new ArrayDeque<>();
  private long aheadBytes;
  private @Nullable Deque<FutureTask<ManifestColumns>> queue;
  private final AtomicInteger helpers = new AtomicInteger();

  /**
   * A manifest that was begun.
   *
   * @param from what there is to decode; null if it could not be read
   * @param failure why it could not be read
   * @param shared the work, if other threads may take it
   */
  private record Load(
      ManifestFile manifest,
      @Nullable Undecoded from,
      @Nullable RuntimeException failure,
      @Nullable FutureTask<ManifestColumns> shared) {
    long bytes() {
      return from == null ? 0 : length(from);
    }
  }

  private static long length(Undecoded from) {
    byte[] bytes = from.bytes();
    return bytes == null ? 0 : bytes.length;
  }

  /** A manifest and its columns. */
  record Loaded(ManifestFile manifest, ManifestColumns columns) {}

  /**
   * @param manifests asked for one by one, some ahead of what is handed out
   * @param fields the columns of the table whose metrics are wanted
   * @param threads how many decode at most, the caller's among them; with 1 nothing is read ahead
   */
  ManifestLoads(
      SnapshotFiles snapshot, Iterator<ManifestFile> manifests, List<Field> fields, int threads) {
    this.snapshot = snapshot;
    this.manifests = manifests;
    this.fields = fields;
    this.helpersMax = Math.min(THREADS_MAX, threads) - 1;
    this.ahead = helpersMax == 0 ? 1 : AHEAD_A_THREAD * (helpersMax + 1);
  }

  /** The next one, or null after the last. */
  @Nullable Loaded next() {
    while (manifests.hasNext()
        && (loads.isEmpty() || loads.size() < ahead && aheadBytes < AHEAD_BYTES_MAX)) {
      begin(manifests.next());
    }
    Load load = loads.poll();
    if (load == null) {
      return null;
    }
    aheadBytes -= load.bytes();
    return new Loaded(load.manifest(), columns(load));
  }

  private ManifestColumns columns(Load load) {
    if (load.from() == null) {
      throw Objects.requireNonNull(load.failure());
    }
    FutureTask<ManifestColumns> shared = load.shared();
    if (shared == null) {
      return snapshot.decode(load.from(), fields);
    }
    shared.run(); // does nothing if it runs or ran already
    while (!shared.isDone()) {
      FutureTask<ManifestColumns> other = queue().pollFirst();
      if (other == null) {
        break;
      }
      other.run();
    }
    return result(shared);
  }

  private void begin(ManifestFile manifest) {
    Undecoded from;
    try {
      from = snapshot.undecoded(manifest, fields);
    } catch (RuntimeException e) {
      loads.add(new Load(manifest, null, e, null));
      return;
    }
    boolean isOnlyOne = loads.isEmpty() && !(ahead > 1 && manifests.hasNext());
    if (isOnlyOne || length(from) < SHARED_BYTES_MIN) {
      loads.add(new Load(manifest, from, null, null));
    } else {
      FutureTask<ManifestColumns> work = new FutureTask<>(() -> snapshot.decode(from, fields));
      loads.add(new Load(manifest, from, null, work));
      share(work);
    }
    aheadBytes += length(from);
  }

  /** Made late: a table of few small manifests never needs it. */
  private Deque<FutureTask<ManifestColumns>> queue() {
    Deque<FutureTask<ManifestColumns>> made = queue;
    if (made == null) {
      made = new ConcurrentLinkedDeque<>();
      queue = made;
    }
    return made;
  }

  private void share(FutureTask<ManifestColumns> work) {
    Deque<FutureTask<ManifestColumns>> shared = queue();
    shared.add(work);
    if (helpers.get() < helpersMax) {
      helpers.incrementAndGet();
      try {
        SharedThreads.pool().execute(() -> help(shared));
      } catch (RejectedExecutionException e) {
        helpers.decrementAndGet(); // all are busy: the caller does it
      }
    }
  }

  /** Where the last helper leaves as work comes in, the caller does it. */
  private void help(Deque<FutureTask<ManifestColumns>> shared) {
    // From the end: the caller comes from the front.
    FutureTask<ManifestColumns> work = shared.pollLast();
    while (work != null) {
      work.run();
      work = shared.pollLast();
    }
    helpers.decrementAndGet();
  }

  private static ManifestColumns result(FutureTask<ManifestColumns> columns) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return columns.get();
        } catch (InterruptedException e) {
          interrupted = true; // decoding takes some milliseconds and cannot be stopped
        } catch (ExecutionException e) {
          if (e.getCause() instanceof Error error) {
            throw error;
          }
          throw (RuntimeException) e.getCause();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Leaves what was begun and nobody took. */
  @Override
  public void close() {
    if (queue != null) {
      queue.clear();
    }
    loads.clear();
  }
}
