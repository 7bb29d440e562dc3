package io.datashard.testkit.simulation;

import java.util.List;

/** Random numbers from a seed: the same ones on every JDK. Used by one thread at a time. */
public final class Dice {
  private long state;

  /** Dice that fall the same way for the same seed. */
  public Dice(long seed) {
    state = seed * 0x9E3779B97F4A7C15L + 0xD1B54A32D192ED03L;
    next();
  }

  /** 64 random bits. (SplitMix64) */
  public long next() {
    state += 0x9E3779B97F4A7C15L;
    long z = state;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** A number from 0 up to and without {@code bound}. */
  public int below(int bound) {
    return (int) below((long) bound);
  }

  /** A number from 0 up to and without {@code bound}. */
  public long below(long bound) {
    return bound <= 1 ? 0 : (next() >>> 1) % bound;
  }

  /** A number from {@code from} to {@code to}, both included. */
  public long between(long from, long to) {
    return from + below(to - from + 1);
  }

  /** A number from {@code from} to {@code to}, both included. */
  public int between(int from, int to) {
    return from + below(to - from + 1);
  }

  /** True so many times of a hundred. */
  public boolean chance(int percent) {
    return percent > 0 && below(100) < percent;
  }

  /** One of these. */
  public <T> T pick(List<T> all) {
    return all.get(below(all.size()));
  }

  /** Puts these in a random order. */
  public void shuffle(List<?> all) {
    for (int i = all.size() - 1; i > 0; i--) {
      java.util.Collections.swap(all, i, below(i + 1));
    }
  }
}
