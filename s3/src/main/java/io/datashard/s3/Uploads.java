package io.datashard.s3;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * So many files are sent at once, for all tables of a process together; the others wait in their
 * order, and need no thread meanwhile.
 */
final class Uploads {
  private static final int THREADS_MAX = 16;

  private final S3Env env;
  private final S3Env.Monitor monitor;
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int threads;

  Uploads(S3Env env) {
    this.env = env;
    this.monitor = env.monitor();
  }

  /**
   * Runs this on another thread as soon as there is room.
   *
   * @param upload throws nothing
   */
  void start(Runnable upload) {
    monitor.lock();
    try {
      if (threads == THREADS_MAX) {
        waiting.add(upload);
      } else {
        env.start(() -> work(upload));
        threads++; // not if there is no thread to be had
      }
    } finally {
      monitor.unlock();
    }
  }

  private void work(Runnable first) {
    for (Runnable upload = first; upload != null; upload = next()) {
      upload.run();
    }
  }

  /** What comes next; null, and one thread less, if nothing waits. */
  private @Nullable Runnable next() {
    monitor.lock();
    try {
      Runnable next = waiting.poll();
      if (next == null) {
        threads--;
      }
      return next;
    } finally {
      monitor.unlock();
    }
  }
}
