package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one append is known by for ever: by it the table tells whether the append is in it.
 *
 * @param high the upper half of what was drawn at random when the process began to append
 * @param low the lower half
 * @param number counts the appends of that process, from 1
 */
public record AppendId(long high, long low, long number) {
  /** The ids of one process. */
  public static final class Source {
    private final long high;
    private final long low;
    private final AtomicLong last = new AtomicLong();

    /** A source that no other process has. */
    public Source(Env env) {
      high = env.randomId();
      low = env.randomId();
    }

    /** An id never given before. */
    public AppendId next() {
      return new AppendId(high, low, last.incrementAndGet());
    }
  }

  // By hand: ids are looked up at every commit, and the first hash of a record costs a short
  // command more than the rest of its work.
  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof AppendId that
        && number == that.number
        && low == that.low
        && high == that.high;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(low * 31 + number);
  }
}
