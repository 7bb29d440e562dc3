package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Work that nobody waits for, one after the other on a thread of its own, which ends when there is
 * none. Where a call costs next to nothing it is done at once instead. What is not done when the
 * process ends is left to the clean-up of orphans.
 */
final class Chores {
  private static final Logger LOG = LoggerFactory.getLogger(Chores.class);
  private static final int WAITING_MAX = 1_000;
  private static final long FINISH_NANOS = Duration.ofSeconds(10).toNanos();

  private final Env env;
  private final boolean atOnce;
  private final Monitor monitor;

  // Guarded by the monitor.
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private boolean running;

  /**
   * @param atOnce whether to do all of it on the thread that brings it
   */
  Chores(Env env, boolean atOnce) {
    this.env = env;
    this.atOnce = atOnce;
    this.monitor = env.monitor();
  }

  /** Will do this, unless there is far too much to do. */
  void add(Runnable chore) {
    add(chore, WAITING_MAX);
  }

  /** Will do this, unless there is something else to do. */
  void addIfIdle(Runnable chore) {
    add(chore, 0);
  }

  private void add(Runnable chore, int waitingMax) {
    if (atOnce) {
      chore.run();
      return;
    }
    monitor.lock();
    try {
      if (waiting.size() > waitingMax || running && waitingMax == 0) {
        return;
      }
      waiting.add(chore);
      if (!running) {
        env.start("datashard-chores", this::run);
        running = true;
      }
    } catch (OutOfMemoryError e) { // no more threads can be started
      waiting.clear();
      LOG.warn("What is left over after commits cannot be removed now", e);
    } finally {
      monitor.unlock();
    }
  }

  /** Waits until all is done that was to be done, but not for ever: the store may be slow. */
  void finish() {
    monitor.lock();
    try {
      long end = env.nanoTime() + FINISH_NANOS;
      for (long left = FINISH_NANOS; running && left > 0; left = end - env.nanoTime()) {
        monitor.awaitUninterruptibly(left);
      }
    } finally {
      monitor.unlock();
    }
  }

  private void run() {
    boolean done = false;
    try {
      for (Runnable chore = next(); chore != null; chore = next()) {
        try {
          chore.run();
        } catch (RuntimeException e) {
          LOG.warn("What is left over after a commit cannot be removed now", e);
        }
      }
      done = true;
    } finally {
      if (!done) {
        stop();
      }
    }
  }

  private @Nullable Runnable next() {
    monitor.lock();
    try {
      Runnable chore = waiting.poll();
      if (chore == null) {
        running = false;
        monitor.signalAll();
      }
      return chore;
    } finally {
      monitor.unlock();
    }
  }

  private void stop() {
    monitor.lock();
    try {
      waiting.clear();
      running = false;
      monitor.signalAll();
    } finally {
      monitor.unlock();
    }
  }
}
