package io.datashard.testkit.story;

import io.datashard.testkit.simulation.SimulationFailure;
import io.datashard.testkit.simulation.Trace;
import io.datashard.testkit.simulation.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Plays stories and tells of those that end badly: seed, how to see it again, last events. */
public final class Stories {
  private static final int EVENTS = 300;

  private final Teller teller;
  private final String again;

  /** Makes a story of a seed. */
  public interface Teller {
    /** The story, which has not begun. */
    Story of(long seed, Workers workers, @Nullable Trace trace);
  }

  /**
   * Stories of one sort.
   *
   * @param again the command that plays one again, but for the seed at its end
   */
  public Stories(String again, Teller teller) {
    this.again = again;
    this.teller = teller;
  }

  /** Plays one story; fails with all there is to know. */
  public void play(long seed, Workers workers) {
    try {
      teller.of(seed, workers, null).run();
    } catch (RuntimeException | AssertionError e) {
      throw new SimulationFailure(message(seed, workers, e), e);
    }
  }

  /** Plays many on all processors; returns how many. */
  public long play(long first, long count) throws InterruptedException {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicLong next = new AtomicLong(first);
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(pool.submit(() -> playUpTo(first + count - 1, next)));
    }
    long played = 0;
    try {
      for (Future<Long> each : all) {
        played += each.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SimulationFailure failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } finally {
      next.set(Long.MAX_VALUE / 2);
      pool.shutdown();
    }
    return played;
  }

  private long playUpTo(long last, AtomicLong next) {
    long played = 0;
    try (Workers workers = new Workers()) {
      for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
        play(seed, workers);
        played++;
      }
    }
    return played;
  }

  /** The same for two runs in which the same happened. */
  public long hash(long seed, Workers workers) {
    Trace trace = new Trace(1);
    teller.of(seed, workers, trace).run();
    return trace.hash();
  }

  /**
   * How the first of some stories to end badly ends, and its seed; "" if all end well.
   *
   * @param seedFirst where to begin: at a story known to end badly no time goes into those before
   * @param count how many are played at most
   */
  public String firstFailure(long seedFirst, long count) {
    try (Workers workers = new Workers()) {
      for (long seed = seedFirst; seed < seedFirst + count; seed++) {
        try {
          teller.of(seed, workers, null).run();
        } catch (RuntimeException | AssertionError e) {
          return "Seed " + seed + ": " + e.getMessage();
        }
      }
    }
    return "";
  }

  private String message(long seed, Workers workers, Throwable first) {
    Trace trace = new Trace(EVENTS);
    String second = "it ended well";
    try {
      teller.of(seed, workers, trace).run();
    } catch (RuntimeException | AssertionError e) {
      second = String.valueOf(e.getMessage());
    }
    String told = String.valueOf(first.getMessage());
    return "Seed "
        + seed
        + ": "
        + told
        + "\nSee it again: "
        + again
        + seed
        + (second.equals(told) ? "" : "\nIt was no story that repeats: the second time " + second)
        + "\nThe last events:\n"
        + String.join("\n", trace.lines());
  }
}
