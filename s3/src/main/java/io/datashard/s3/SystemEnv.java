package io.datashard.s3;

import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/** The JVM's threads and clock; what is shared here ends with the program. */
final class SystemEnv implements S3Env {
  private static final int IDLE_SECONDS = 10;
  private static final AtomicInteger THREADS = new AtomicInteger();
  private static final ThreadPoolExecutor POOL =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE, // as many as callers wait, and uploads go on
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          work -> daemon(work, "datashard-s3-" + THREADS.incrementAndGet()));
  private static final ScheduledThreadPoolExecutor ALARM =
      new ScheduledThreadPoolExecutor(1, work -> daemon(work, "datashard-s3-alarm"));

  static final SystemEnv INSTANCE = new SystemEnv();

  static {
    ALARM.setRemoveOnCancelPolicy(true);
  }

  private final Uploads uploads = new Uploads(this);

  private SystemEnv() {}

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public long randomLong() {
    return ThreadLocalRandom.current().nextLong();
  }

  @Override
  public void start(Runnable work) {
    POOL.execute(work);
  }

  @Override
  public Monitor monitor() {
    return new RealMonitor();
  }

  @Override
  public Uploads uploads() {
    return uploads;
  }

  @Override
  public ScheduledExecutorService alarm() {
    return ALARM;
  }

  @Override
  public @Nullable SdkHttpClient transport() {
    return null;
  }

  private static final class RealMonitor implements Monitor {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition condition = lock.newCondition();

    @Override
    public void lock() {
      lock.lock();
    }

    @Override
    public void unlock() {
      lock.unlock();
    }

    @Override
    @SuppressWarnings("WaitNotInLoop") // whoever calls this has the loop
    public void await(long nanos) throws InterruptedException {
      if (nanos == Long.MAX_VALUE) {
        condition.await();
      } else if (nanos > 0) {
        condition.awaitNanos(nanos);
      }
    }

    @Override
    public void signalAll() {
      condition.signalAll();
    }
  }
}
