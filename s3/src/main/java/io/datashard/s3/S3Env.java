package io.datashard.s3;

import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * Time, random numbers, threads and the way to the network: all of this module that does not repeat
 * goes through here, so that a simulation can play it. One stands for one process.
 */
interface S3Env {
  /** Nanoseconds from an arbitrary start, never backwards. */
  long nanoTime();

  /** 64 random bits. */
  long randomLong();

  /** 128 of them as 32 hexadecimal digits: for names and tokens. */
  default String randomHex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(randomLong()) + hex.toHexDigits(randomLong());
  }

  /** A number from 0 up to and without {@code bound}: for jitter. */
  default long randomBelow(long bound) {
    return Long.remainderUnsigned(randomLong(), bound);
  }

  /** Runs this on a thread that keeps no JVM alive. */
  void start(Runnable work);

  /** A new lock with its condition. */
  Monitor monitor();

  /** What all uploads of this process go through. */
  Uploads uploads();

  /** Ends requests of the SDK that take too long. */
  ScheduledExecutorService alarm();

  /** What carries requests; null for that of the SDK. */
  @Nullable SdkHttpClient transport();

  /** Waits, or less if the thread is interrupted, whose mark stays. */
  default void pause(Duration time) {
    long end = nanoTime() + time.toNanos();
    Monitor nobody = monitor();
    nobody.lock();
    try {
      for (long left = time.toNanos(); left > 0; left = end - nanoTime()) {
        nobody.await(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      nobody.unlock();
    }
  }

  /** A lock with one condition. All waiting of this module is done here. */
  interface Monitor {
    /** Takes the lock; a thread that has it already must not. */
    void lock();

    void unlock();

    /**
     * Frees the lock, waits for {@link #signalAll}, at most so long, and takes the lock again. May
     * return for no reason.
     *
     * @param nanos how long; {@link Long#MAX_VALUE} for ever
     * @throws InterruptedException the thread was interrupted; the lock is held again
     */
    void await(long nanos) throws InterruptedException;

    /** Wakes everyone who waits; the caller holds the lock. */
    void signalAll();
  }

  /** The real one. */
  static S3Env system() {
    return SystemEnv.INSTANCE;
  }
}
