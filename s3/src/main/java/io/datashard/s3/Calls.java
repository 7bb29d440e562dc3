package io.datashard.s3;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends requests, again if need be, within the one budget that there is: at most {@code triesMax}
 * tries, none begun after {@code operationTimeout}. Neither the SDK nor the JDK below adds tries of
 * its own. The pause before try n+1 is drawn from half to the whole of 50 ms * 2^(n-1), at most 5
 * s. What was refused for good is not tried again.
 *
 * <p>Requests run on threads of this class, because the SDK gives up when its thread is
 * interrupted, in the middle of whatever it does. An interrupt of the caller therefore ends no
 * request that is under way, which is over in a bounded time; but no pause is waited for and no
 * further try is made.
 */
final class Calls {
  private static final int PAUSE_MILLIS_FIRST = 50;
  private static final int PAUSE_MILLIS_MAX = 5_000;

  /** What a slow line still carries: 4 s for each MiB. */
  private static final int BYTES_PER_SECOND_MIN = 256 << 10;

  /** So many files are sent at once, for all tables together. */
  private static final int UPLOADS_MAX = 16;

  private static final int IDLE_SECONDS = 10;
  private static final AtomicInteger THREADS = new AtomicInteger();
  private static final ThreadPoolExecutor POOL =
      new ThreadPoolExecutor(
          0,
          Integer.MAX_VALUE, // as many as callers wait, and uploads go on
          IDLE_SECONDS,
          TimeUnit.SECONDS,
          new SynchronousQueue<>(),
          Calls::daemon);
  private static final Semaphore UPLOADS = new Semaphore(UPLOADS_MAX);

  private final S3Config config;

  Calls(S3Config config) {
    this.config = config;
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "datashard-s3-" + THREADS.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  /** One request. */
  interface Attempt<T> {
    /** Sends it; it may take so long. */
    T send(Duration atMost) throws S3Failure;
  }

  /** Work that consists of several requests. */
  interface Work<T> {
    T run(Calls.Tries tries) throws S3Failure;
  }

  /** Sends a request, again if need be, and waits for its answer. */
  <T> T send(long bytes, Attempt<T> attempt) throws S3Failure {
    return start(tries -> tries.send(bytes, attempt)).await();
  }

  /** Starts some work. */
  <T> Pending<T> start(Work<T> work) {
    Pending<T> pending = new Pending<>(work, new Tries(config), false);
    POOL.execute(pending.task);
    return pending;
  }

  /** Starts an upload; only so many are under way at once. */
  <T> Pending<T> startUpload(Work<T> work) {
    Pending<T> pending = new Pending<>(work, new Tries(config), true);
    POOL.execute(pending.task);
    return pending;
  }

  /** The tries of one operation. */
  static final class Tries {
    private final S3Config config;
    private boolean hurried;

    private Tries(S3Config config) {
      this.config = config;
    }

    /** Its caller was interrupted: no more pauses. */
    private synchronized void hurry() {
      hurried = true;
      notifyAll();
    }

    /** Sends a request once, whatever the answer. */
    <T> T sendOnce(long bytes, Attempt<T> attempt) throws S3Failure {
      return attempt.send(config.requestTimeout().plusSeconds(bytes / BYTES_PER_SECOND_MIN));
    }

    /** Sends a request until it is answered or the budget is used up. */
    <T> T send(long bytes, Attempt<T> attempt) throws S3Failure {
      long start = System.nanoTime();
      long more = TimeUnit.SECONDS.toMillis(bytes) / BYTES_PER_SECOND_MIN;
      boolean inDoubt = false;
      for (int tries = 1; ; tries++) {
        long leftMillis =
            config.operationTimeout().toMillis()
                + more
                - TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        try {
          long mayTake = Math.min(config.requestTimeout().toMillis() + more, leftMillis);
          return attempt.send(Duration.ofMillis(Math.max(1, mayTake)));
        } catch (S3Failure e) {
          boolean again = e.is(S3Failure.Meaning.AGAIN) || e.is(S3Failure.Meaning.UNKNOWN);
          if (!again || tries == config.triesMax()) {
            throw e.afterTries(tries, inDoubt, "");
          }
          inDoubt |= e.inDoubt();
          if (!pause(tries, start, more)) {
            throw e.afterTries(tries, inDoubt, why(start));
          }
        }
      }
    }

    private synchronized String why(long start) {
      return hurried
          ? "; the thread was interrupted"
          : " in " + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) + " ms";
    }

    /** Whether there is time for another try. */
    private synchronized boolean pause(int tries, long start, long moreMillis) {
      int most = Math.min(PAUSE_MILLIS_MAX, PAUSE_MILLIS_FIRST << Math.min(tries - 1, 10));
      long until =
          System.nanoTime()
              + TimeUnit.MILLISECONDS.toNanos(
                  most / 2 + ThreadLocalRandom.current().nextInt(most / 2 + 1));
      long end =
          start + TimeUnit.MILLISECONDS.toNanos(config.operationTimeout().toMillis() + moreMillis);
      if (until - end >= 0) {
        return false;
      }
      try {
        while (!hurried) {
          long left = TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime()) + 1;
          if (until - System.nanoTime() <= 0) {
            return true;
          }
          wait(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody does that to our threads
      }
      return false;
    }
  }

  /** Work under way. */
  static final class Pending<T> {
    private final Tries tries;
    private final FutureTask<T> task;

    private Pending(Work<T> work, Tries tries, boolean upload) {
      this.tries = tries;
      this.task =
          new FutureTask<>(
              () -> {
                if (upload) {
                  UPLOADS.acquireUninterruptibly();
                }
                try {
                  return work.run(tries);
                } finally {
                  if (upload) {
                    UPLOADS.release();
                  }
                }
              });
    }

    boolean isDone() {
      return task.isDone();
    }

    /** Waits for its end, which is near; the mark of an interrupt is kept. */
    T await() throws S3Failure {
      boolean interrupted = false;
      try {
        while (true) {
          try {
            return task.get();
          } catch (InterruptedException e) {
            interrupted = true;
            tries.hurry();
          }
        }
      } catch (ExecutionException e) {
        if (e.getCause() instanceof S3Failure failure) {
          throw failure;
        }
        if (e.getCause() instanceof RuntimeException unforeseen) {
          throw unforeseen;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw new IllegalStateException(e.getCause());
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
    }
  }
}
