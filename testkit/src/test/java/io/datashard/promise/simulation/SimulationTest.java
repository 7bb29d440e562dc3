package io.datashard.promise.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.testkit.simulation.Trace;
import io.datashard.testkit.simulation.Workers;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * I1 to I7, I10, I11: machines, processes and threads append to one table while stores, wires,
 * disks and processes fail in every order that a seed can think of; afterwards the table is what
 * everybody was told.
 */
class SimulationTest {
  private static final String SEED = "simulation.seed";
  private static final int QUICK = 2_000;

  /** Where the slow suite begins and how many stories it plays. */
  private static final long FIRST = Long.getLong("simulation.first", QUICK + 1);

  private static final long SLOW = Long.getLong("simulation.stories", 100_000);

  @Test
  void everyStoryEndsAsToldToItsPeople() {
    Long only = Long.getLong(SEED);
    try (Workers workers = new Workers()) {
      for (long seed = only == null ? 1 : only; seed <= (only == null ? QUICK : only); seed++) {
        Failures.play(seed, workers, null);
      }
    }
  }

  @Test
  @Tag("slow")
  void everyOneOfManyStoriesDoes() throws Exception {
    int threads = Runtime.getRuntime().availableProcessors();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicLong next = new AtomicLong(FIRST);
    List<Future<Long>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      all.add(pool.submit(playUpTo(FIRST + SLOW - 1, next)));
    }
    long played = 0;
    try {
      for (Future<Long> each : all) {
        played += each.get();
      }
    } finally {
      next.set(Long.MAX_VALUE / 2);
      pool.shutdown();
    }
    assertThat(played).isEqualTo(SLOW);
  }

  private static Callable<Long> playUpTo(long last, AtomicLong next) {
    return () -> {
      long played = 0;
      try (Workers workers = new Workers()) {
        for (long seed = next.getAndIncrement(); seed <= last; seed = next.getAndIncrement()) {
          Failures.play(seed, workers, null);
          played++;
        }
      }
      return played;
    };
  }

  @Test
  void seedsRepeatEveryEvent() {
    try (Workers workers = new Workers()) {
      for (long seed = 1; seed <= 40; seed++) {
        Trace first = new Trace(1);
        Trace second = new Trace(1);
        new Story(seed, workers, first, null).run();
        new Story(seed, workers, second, null).run();
        assertThat(second.hash()).as("events of seed %d", seed).isEqualTo(first.hash());
      }
    }
  }
}
