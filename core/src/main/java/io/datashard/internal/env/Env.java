package io.datashard.internal.env;

import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Time, random numbers, threads and what processes share. Everything not repeatable goes through
 * here; one Env stands for one process.
 */
public interface Env {
  /** Milliseconds since 1970-01-01T00:00Z. */
  long nowMillis();

  /** Nanoseconds from an arbitrary start, never backwards. */
  long nanoTime();

  /** 64 random bits that no other process draws: for ids and tokens. */
  long randomId();

  /** 128 such bits as 32 hexadecimal digits: for names and tokens. */
  default String randomHex() {
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(randomId()) + hex.toHexDigits(randomId());
  }

  /** A number from 0 up to and without {@code bound}: for jitter. */
  long randomBelow(long bound);

  /**
   * Waits.
   *
   * @throws InterruptedException the thread was interrupted
   */
  void sleep(Duration time) throws InterruptedException;

  /** A new lock with its condition. */
  Monitor monitor();

  /** Runs this on a thread of its own that keeps no JVM alive. */
  void start(String threadName, Runnable body);

  /** What this process shares with others of this machine. */
  Machine machine();

  /**
   * What there is one of in a process, made at the first call.
   *
   * @param type what the object is known by
   */
  <T> T shared(Class<T> type, Supplier<T> make);

  /**
   * A place in the queue of those of this machine who want to commit to one table.
   *
   * @param key what identifies the table on this machine; "" if nothing does
   */
  default Turn turn(String key) {
    return Turn.NONE;
  }

  /** The machine's clock, its secure random source, real sleep. */
  static Env system() {
    return SystemEnv.INSTANCE;
  }

  /** The real one. */
  enum SystemEnv implements Env {
    INSTANCE;

    private static final Map<Class<?>, Object> SHARED = new ConcurrentHashMap<>();

    /** Made at first use: who only reads draws no ids, and the making takes long. */
    private static final class Ids {
      static final SecureRandom RANDOM = new SecureRandom();
    }

    @Override
    public long nowMillis() {
      return System.currentTimeMillis();
    }

    @Override
    public long nanoTime() {
      return System.nanoTime();
    }

    @Override
    public long randomId() {
      return Ids.RANDOM.nextLong();
    }

    @Override
    public long randomBelow(long bound) {
      return ThreadLocalRandom.current().nextLong(bound);
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      // Thread.sleep knows no parts of a millisecond before JDK 21.
      long end = System.nanoTime() + time.toNanos();
      for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
        LockSupport.parkNanos(left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    }

    @Override
    public Monitor monitor() {
      return new RealMonitor();
    }

    @Override
    public void start(String threadName, Runnable body) {
      Thread thread = new Thread(body, threadName);
      thread.setDaemon(true);
      thread.start();
    }

    @Override
    public Machine machine() {
      return LocalMachine.SHARED;
    }

    @Override
    public <T> T shared(Class<T> type, Supplier<T> make) {
      return type.cast(SHARED.computeIfAbsent(type, absent -> make.get()));
    }

    @Override
    public Turn turn(String key) {
      return key.isEmpty() ? Turn.NONE : FileTurns.shared().of(key, this);
    }
  }
}
