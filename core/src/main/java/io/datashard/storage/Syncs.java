package io.datashard.storage;

import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Syncs files and folders, side by side when there are several, and never one again whose sync
 * failed.
 *
 * <p>The kernel reports a lost write once: the next sync of the same file succeeds although the
 * data is gone. So a path whose sync failed stays refused for the life of the process (I3).
 *
 * <p>Side by side, because the device's flush is most of the cost and the file system lets syncs
 * that arrive together share one. The threads are daemons and end when idle; a caller is never
 * woken by an interrupt before the syncs are over.
 */
final class Syncs {
  /** One thing to sync. */
  interface Job {
    void run() throws IOException;
  }

  private static final int THREADS_MAX = 8;
  private static final int IDLE_SECONDS = 10;
  private static final AtomicInteger THREADS = new AtomicInteger();
  private static final ThreadPoolExecutor HELPERS =
      new ThreadPoolExecutor(
          0,
          THREADS_MAX,
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Syncs::daemon,
          new ThreadPoolExecutor.CallerRunsPolicy());

  private final Disk disk;
  private final boolean off;
  private final Set<Path> failed = ConcurrentHashMap.newKeySet();

  Syncs(Disk disk) {
    this(disk, false);
  }

  private Syncs(Disk disk, boolean off) {
    this.disk = disk;
    this.off = off;
  }

  /** For those who want none: links as this does, and never syncs. */
  Syncs off() {
    return new Syncs(disk, true);
  }

  boolean isOff() {
    return off;
  }

  Disk disk() {
    return disk;
  }

  void file(Path file, FileDescriptor open) throws IOException {
    once(file, () -> disk.syncFile(file, open));
  }

  void folder(Path folder) throws IOException {
    once(folder, () -> disk.syncFolder(folder));
  }

  private void once(Path path, Job sync) throws IOException {
    if (off) {
      return;
    }
    if (failed.contains(path)) {
      throw new IOException(
          "an earlier sync of " + path + " failed; trying again would hide what was lost");
    }
    try {
      sync.run();
    } catch (FileSystemException e) {
      throw e; // It could not be opened, so nothing was tried and nothing is hidden.
    } catch (IOException e) {
      failed.add(path);
      throw e;
    }
  }

  /** Runs all, the first in this thread, and then reports the first failure. */
  static void sideBySide(List<Job> jobs) throws IOException {
    List<Future<Void>> running = new ArrayList<>(jobs.size());
    for (int i = 1; i < jobs.size(); i++) {
      Job job = jobs.get(i);
      FutureTask<Void> task =
          new FutureTask<>(
              () -> {
                job.run();
                return null;
              });
      HELPERS.execute(task);
      running.add(task);
    }
    IOException first = null;
    if (!jobs.isEmpty()) {
      try {
        jobs.get(0).run();
      } catch (IOException e) {
        first = e;
      }
    }
    for (Future<Void> one : running) {
      IOException failure = outcome(one);
      if (first == null) {
        first = failure;
      } else if (failure != null) {
        first.addSuppressed(failure);
      }
    }
    if (first != null) {
      throw first;
    }
  }

  private static @Nullable IOException outcome(Future<Void> one) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          one.get();
          return null;
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          return e.getCause() instanceof IOException cause
              ? cause
              : new IOException("the sync failed: " + e.getCause(), e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "datashard-sync-" + THREADS.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }
}
