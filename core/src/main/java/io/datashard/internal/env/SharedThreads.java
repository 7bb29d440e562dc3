package io.datashard.internal.env;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The threads of the library that read: one pool for the process, made when it is needed. */
public final class SharedThreads {
  /**
   * More than processors, since threads wait for stores that are far away; bounded, since whoever
   * gets none goes on by itself.
   */
  private static final int THREADS_MAX =
      Math.max(32, 4 * Runtime.getRuntime().availableProcessors());

  /** Its threads end when idle and keep no JVM alive. */
  private static final Executor POOL = make();

  private SharedThreads() {}

  private static Executor make() {
    AtomicInteger count = new AtomicInteger();
    return new ThreadPoolExecutor(
        0,
        THREADS_MAX,
        10,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        work -> {
          Thread thread = new Thread(work, "datashard-scan-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Runs work at once in a thread of its own, or throws a {@link
   * java.util.concurrent.RejectedExecutionException} if all are busy.
   */
  public static Executor pool() {
    return POOL;
  }
}
