package io.datashard.promise.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.SortOrder;
import io.datashard.storage.Storage;
import io.datashard.testkit.simulation.SimulatedProcess;
import io.datashard.testkit.simulation.SimulatedStore;
import io.datashard.testkit.simulation.Simulation;
import io.datashard.testkit.simulation.Workers;
import io.datashard.testkit.story.RowIds;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * A committer that was frozen in the middle of an attempt and lost it goes on at once: those who
 * wait for it have waited long enough. (Found by seed 5581.)
 */
class FrozenAttemptTest {
  private static final long MILLIS = 1_000_000;
  private static final long AT_ONCE = 30 * MILLIS;
  private static final int CALLS_OF_AN_ATTEMPT = 20;

  @Test
  void itsPauseIsNotMeasuredByTheFreeze() {
    try (Workers workers = new Workers()) {
      int lost = 0;
      for (int call = 1; call <= CALLS_OF_AN_ATTEMPT; call++) {
        for (long seed = 1; seed <= 5; seed++) {
          lost += frozenAt(call, seed, workers);
        }
      }
      assertThat(lost).as("attempts that were lost").isPositive();
    }
  }

  /** 1 if the frozen attempt was lost. */
  private static int frozenAt(int call, long seed, Workers workers) {
    Simulation simulation = new Simulation(seed, workers, null);
    SimulatedStore store = new SimulatedStore(simulation, SimulatedStore.Kind.DISK);
    SimulatedProcess frozen = simulation.machine("m").process("frozen");
    SimulatedProcess rival = simulation.machine("m").process("rival");
    long[] times = new long[2];
    long[] version = new long[1];
    frozen.startUser(
        "main",
        () -> {
          Storage storage = store.seenBy(frozen);
          Committer committer = new Committer(storage, frozen);
          committer.create(
              RowIds.SCHEMA, PartitionSpec.UNPARTITIONED, SortOrder.UNSORTED, Map.of());
          committer.commit(setting("first"));
          frozen.atCall(
              call,
              () -> {
                frozen.freeze();
                simulation.after(16_000 * MILLIS, frozen::resume);
                simulation.after(16_000 * MILLIS, () -> times[0] = simulation.nanos());
                rival.startUser(
                    "main", () -> new Committer(store.seenBy(rival), rival).commit(setting("r")));
              });
          version[0] = committer.commit(setting("second")).version();
          times[1] = simulation.nanos();
        });
    simulation.run();
    if (times[0] > 0 && times[1] > times[0]) {
      assertThat(times[1] - times[0])
          .as("nanoseconds from the end of the freeze at call %d, seed %d", call, seed)
          .isLessThan(AT_ONCE);
    }
    return version[0] > 3 ? 1 : 0;
  }

  private static Change setting(String key) {
    return new Change(
        List.of(), List.of(), Set.of(), Set.of(), Map.of("story." + key, "1"), Set.of(), null);
  }
}
