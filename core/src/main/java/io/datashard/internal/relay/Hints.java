package io.datashard.internal.relay;

import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the version hint beside the commits while appends wait, not between them: some file
 * systems write to the disk when a file is replaced, so that a hint costs as much as a sync.
 * Between two hints there is a pause; the last version always gets its own.
 */
final class Hints {
  private static final Logger LOG = LoggerFactory.getLogger(Hints.class);
  private static final long PAUSE_NANOS = Duration.ofMillis(20).toNanos();
  private static final long IDLE_NANOS = Duration.ofSeconds(1).toNanos();

  private final Env env;
  private final Committer committer;
  private final Monitor monitor;

  // All of this is guarded by the monitor.
  private long wanted;
  private long written;
  private boolean running;
  private int hurried;

  Hints(Env env, Committer committer) {
    this.env = env;
    this.committer = committer;
    this.monitor = env.monitor();
  }

  /** Will tell of this version soon. */
  void want(long version) {
    monitor.lock();
    try {
      if (version > wanted) {
        wanted = version;
        if (!running) {
          env.start("datashard-hint", this::run);
          running = true;
        }
        monitor.signalAll();
      }
    } catch (OutOfMemoryError e) { // no more threads can be started; the next commit tries again
      LOG.warn("The version hint cannot be written now", e);
    } finally {
      monitor.unlock();
    }
  }

  /** Waits until what was wanted is written, or could not be. */
  void finish() {
    monitor.lock();
    try {
      long last = wanted;
      hurried++;
      monitor.signalAll();
      while (running && written < last) {
        monitor.awaitUninterruptibly(IDLE_NANOS);
      }
      hurried--;
    } finally {
      monitor.unlock();
    }
  }

  private void run() {
    try {
      for (long version = next(); version > 0; version = next()) {
        committer.hint(version);
        pause(version);
      }
    } catch (RuntimeException | Error e) {
      monitor.lock();
      running = false;
      monitor.signalAll();
      monitor.unlock();
      throw e;
    }
  }

  /** The version to write; 0 if none was wanted for a while and this thread ends. */
  private long next() {
    monitor.lock();
    try {
      long end = env.nanoTime() + IDLE_NANOS;
      while (wanted == written && hurried == 0 && env.nanoTime() - end < 0) {
        monitor.awaitUninterruptibly(end - env.nanoTime());
      }
      if (wanted > written) {
        return wanted;
      }
      running = false;
      return 0;
    } finally {
      monitor.unlock();
    }
  }

  private void pause(long version) {
    monitor.lock();
    try {
      written = Math.max(written, version);
      monitor.signalAll();
      long end = env.nanoTime() + PAUSE_NANOS;
      while (hurried == 0 && env.nanoTime() - end < 0) {
        monitor.awaitUninterruptibly(end - env.nanoTime());
      }
    } finally {
      monitor.unlock();
    }
  }
}
