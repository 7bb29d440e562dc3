package io.datashard.internal.relay;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import java.time.Duration;
import java.util.function.IntSupplier;

/**
 * Waits a moment before a round for those who were answered by the last one: writers that append
 * one thing after another come again at once, and one round for all of them takes half as long as
 * one for the first of them and another for the rest. (PostgreSQL's {@code commit_delay}, by
 * itself.)
 *
 * <p>It never waits for a single writer, nor longer than half a round, and gives up for a while
 * when nobody comes. Used by the line's thread only, but for {@link #awaited}.
 */
final class CommitDelay {
  private static final long NANOS_MAX = Duration.ofMillis(4).toNanos();
  private static final int SKIPS_MAX = 64;

  private final Env env;
  private int expected;
  private long roundNanos;
  private int skips;
  private int skipsNext = 1;
  private int awaited = 1;

  CommitDelay(Env env) {
    this.env = env;
  }

  /**
   * A round was made.
   *
   * @param writers who made appends of it or waited meanwhile
   */
  void ended(int writers, long nanos) {
    expected = writers;
    roundNanos = nanos;
  }

  /**
   * Waits until as many appends are there as may be expected, or not long.
   *
   * @param monitor held; signalled when there are {@link #awaited} of them
   * @param queued how many there are
   */
  void await(Monitor monitor, IntSupplier queued) {
    int before = queued.getAsInt();
    if (before >= expected || expected < 2) {
      return;
    }
    if (skips > 0) {
      skips--;
      return;
    }
    long end = env.nanoTime() + Math.min(NANOS_MAX, roundNanos / 2);
    awaited = expected;
    int there = before;
    while (there < expected && env.nanoTime() - end < 0) {
      monitor.awaitUninterruptibly(end - env.nanoTime());
      there = queued.getAsInt();
    }
    awaited = 1;
    if (there - before < (expected - before) / 2) {
      skips = skipsNext;
      skipsNext = Math.min(SKIPS_MAX, 2 * skipsNext);
    } else {
      skipsNext = 1;
    }
  }

  /** With how many appends in the queue the line's thread wants to be woken; guarded as above. */
  int awaited() {
    return awaited;
  }
}
