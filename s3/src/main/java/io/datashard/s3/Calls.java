package io.datashard.s3;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

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

  private final S3Config config;
  private final S3Env env;

  Calls(S3Config config, S3Env env) {
    this.config = config;
    this.env = env;
  }

  S3Env env() {
    return env;
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
    Pending<T> pending = new Pending<>(work, new Tries(config, env));
    env.start(pending::run);
    return pending;
  }

  /** Starts an upload; only so many are under way at once. */
  <T> Pending<T> startUpload(Work<T> work) {
    Pending<T> pending = new Pending<>(work, new Tries(config, env));
    env.uploads().start(pending::run);
    return pending;
  }

  /** The tries of one operation. */
  static final class Tries {
    private final S3Config config;
    private final S3Env env;

    /** Guards what is under way: whether it is hurried, and how it ended. */
    private final S3Env.Monitor monitor;

    /** Its caller was interrupted: no more pauses. */
    private boolean hurried;

    private Tries(S3Config config, S3Env env) {
      this.config = config;
      this.env = env;
      this.monitor = env.monitor();
    }

    /** Sends a request once, whatever the answer. */
    <T> T sendOnce(long bytes, Attempt<T> attempt) throws S3Failure {
      return attempt.send(config.requestTimeout().plusSeconds(bytes / BYTES_PER_SECOND_MIN));
    }

    /** Sends a request until it is answered or the budget is used up. */
    <T> T send(long bytes, Attempt<T> attempt) throws S3Failure {
      long start = env.nanoTime();
      long more = TimeUnit.SECONDS.toMillis(bytes) / BYTES_PER_SECOND_MIN;
      boolean inDoubt = false;
      for (int tries = 1; ; tries++) {
        long leftMillis =
            config.operationTimeout().toMillis()
                + more
                - TimeUnit.NANOSECONDS.toMillis(env.nanoTime() - start);
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

    private String why(long start) {
      monitor.lock();
      try {
        return hurried
            ? "; the thread was interrupted"
            : " in " + TimeUnit.NANOSECONDS.toMillis(env.nanoTime() - start) + " ms";
      } finally {
        monitor.unlock();
      }
    }

    /** Whether there is time for another try. */
    private boolean pause(int tries, long start, long moreMillis) {
      int most = Math.min(PAUSE_MILLIS_MAX, PAUSE_MILLIS_FIRST << Math.min(tries - 1, 10));
      long until =
          env.nanoTime() + TimeUnit.MILLISECONDS.toNanos(most / 2 + env.randomBelow(most / 2 + 1));
      long end =
          start + TimeUnit.MILLISECONDS.toNanos(config.operationTimeout().toMillis() + moreMillis);
      if (until - end >= 0) {
        return false;
      }
      monitor.lock();
      try {
        while (!hurried) {
          long left = until - env.nanoTime();
          if (left <= 0) {
            return true;
          }
          monitor.await(left);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // nobody does that to our threads
      } finally {
        monitor.unlock();
      }
      return false;
    }
  }

  /** Work under way. */
  static final class Pending<T> {
    private final Work<T> work;
    private final Tries tries;
    private @Nullable T result;
    private @Nullable Throwable thrown;
    private boolean done;

    private Pending(Work<T> work, Tries tries) {
      this.work = work;
      this.tries = tries;
    }

    private void run() {
      T got = null;
      Throwable failure = null;
      try {
        got = work.run(tries);
      } catch (Throwable e) { // whatever it is, whoever waits is told
        failure = e;
      }
      tries.monitor.lock();
      try {
        result = got;
        thrown = failure;
        done = true;
        tries.monitor.signalAll();
      } finally {
        tries.monitor.unlock();
      }
    }

    /** Waits for its end, which is near; the mark of an interrupt is kept. */
    T await() throws S3Failure {
      boolean interrupted = false;
      tries.monitor.lock();
      try {
        while (!done) {
          try {
            tries.monitor.await(Long.MAX_VALUE);
          } catch (InterruptedException e) {
            interrupted = true;
            tries.hurried = true;
            tries.monitor.signalAll();
          }
        }
      } finally {
        tries.monitor.unlock();
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      if (thrown == null) {
        return Objects.requireNonNull(result);
      }
      if (thrown instanceof S3Failure failure) {
        throw failure;
      }
      if (thrown instanceof RuntimeException unforeseen) {
        throw unforeseen;
      }
      if (thrown instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(thrown);
    }
  }
}
