package io.datashard.internal.env;

import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of the library that read: one pool for the process. They end when idle and keep no
 * JVM alive.
 */
public final class SharedThreads {
  private static final Executor POOL =
      new ThreadPoolExecutor(
          0, Integer.MAX_VALUE, 10, TimeUnit.SECONDS, new SynchronousQueue<>(), new Daemons());

  private SharedThreads() {}

  private static final class Daemons implements ThreadFactory {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public Thread newThread(Runnable work) {
      Thread thread = new Thread(work, "datashard-scan-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    }
  }

  /** Runs work at once in a thread of its own; whoever gives it bounds how much there is. */
  public static Executor pool() {
    return POOL;
  }
}
