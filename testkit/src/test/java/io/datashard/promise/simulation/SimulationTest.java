package io.datashard.promise.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.testkit.simulation.Workers;
import io.datashard.testkit.story.Protection;
import io.datashard.testkit.story.Stories;
import io.datashard.testkit.story.Story;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * I1 to I7, I10, I11: machines, processes and threads append to one table while stores, wires,
 * disks and processes fail in every order that a seed can think of; afterwards the table is what
 * everybody was told.
 */
class SimulationTest {
  private static final String SEED = "simulation.seed";
  private static final int QUICK = 800;

  /** Where the slow suite begins and how many stories it plays. */
  private static final long FIRST = Long.getLong("simulation.first", QUICK + 1);

  private static final long SLOW = Long.getLong("simulation.stories", 100_000);

  private static final Stories STORIES =
      new Stories(
          "mvn -Pquick -pl core,testkit -am test -Dtest=SimulationTest"
              + " -Dsurefire.failIfNoSpecifiedTests=false -D"
              + SEED
              + "=",
          (seed, workers, trace) -> new Story(seed, workers, trace, (Protection) null));

  @Test
  void everyStoryEndsAsToldToItsPeople() {
    Long only = Long.getLong(SEED);
    try (Workers workers = new Workers()) {
      for (long seed = only == null ? 1 : only; seed <= (only == null ? QUICK : only); seed++) {
        STORIES.play(seed, workers);
      }
    }
  }

  @Test
  @Tag("slow")
  void everyOneOfManyStoriesDoes() throws InterruptedException {
    assertThat(STORIES.play(FIRST, SLOW)).isEqualTo(SLOW);
  }

  @Test
  void seedsRepeatEveryEvent() {
    try (Workers workers = new Workers()) {
      for (long seed = 1; seed <= 40; seed++) {
        assertThat(STORIES.hash(seed, workers))
            .as("events of seed %d", seed)
            .isEqualTo(STORIES.hash(seed, workers));
      }
    }
  }
}
