package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.simulation.Dice;
import io.datashard.testkit.simulation.SimulatedBucket;
import io.datashard.testkit.simulation.Trace;
import io.datashard.testkit.simulation.Workers;
import io.datashard.testkit.story.Stories;
import io.datashard.testkit.story.Story;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * I1 to I7, I10, I11: the stories of the simulation in a bucket that all processes reach through
 * this module and the SDK; only the network is simulated. Requests and answers are lost, late,
 * doubled, cut and refused, and afterwards the table is what everybody was told.
 */
class S3SimulationTest {
  private static final String SEED = "simulation.s3.seed";
  private static final int QUICK = 40;

  /** So many stories must notice what is taken away from clients that soon give up. */
  private static final int SEEDS_MAX = 300;

  /** Where the slow suite begins and how many stories it plays. */
  private static final long FIRST = Long.getLong("simulation.s3.first", QUICK + 1);

  private static final long SLOW = Long.getLong("simulation.s3.stories", 5_000);

  /** Rows twice, rows of those who were refused, or files gone that were theirs. */
  private static final String COMMITTED_AFTER_ALL =
      "(doubles rows|lists the id .* twice|nevertheless there are|answer=REFUSED] is there"
          + "|is missing|There is no (file|object))";

  /** How the loss of each protection shows. */
  private static final Map<S3Protection, String> SHOWS =
      Map.of(
          S3Protection.UNANSWERED,
          COMMITTED_AFTER_ALL,
          S3Protection.SERVER_ERRORS,
          COMMITTED_AFTER_ALL,
          S3Protection.OWN_TOKEN,
          COMMITTED_AFTER_ALL,
          S3Protection.CONDITION_AGAIN,
          "was replaced",
          S3Protection.BODY_LENGTH,
          "(bytes and the table's metadata says|is no table metadata|is damaged)");

  /**
   * Stories that noticed; those before them did not. Only a place to begin: when a change of the
   * code makes other stories of the seeds, one of those that follow notices.
   */
  private static final Map<S3Protection, Long> NOTICED_BY =
      Map.of(
          S3Protection.UNANSWERED, 96L,
          S3Protection.SERVER_ERRORS, 34L,
          S3Protection.OWN_TOKEN, 16L,
          S3Protection.CONDITION_AGAIN, 3L,
          S3Protection.BODY_LENGTH, 16L);

  private static final Stories STORIES =
      new Stories(
          "mvn -Pquick -pl s3 -am test -Dtest=S3SimulationTest"
              + " -Dsurefire.failIfNoSpecifiedTests=false -D"
              + SEED
              + "=",
          (seed, workers, trace) -> story(seed, workers, trace, null));

  private static Story story(
      long seed, Workers workers, @Nullable Trace trace, @Nullable S3Protection removed) {
    S3Config config = config(new Dice(seed * 41 + 13), removed != null);
    return new Story(
        seed,
        workers,
        trace,
        (bucket, process) ->
            S3Store.of(
                    config,
                    new SimulatedS3Env(
                        process,
                        new SimulatedTransport(bucket, process, config.silenceTimeout(), removed)))
                .at(SimulatedBucket.LOCATION));
  }

  /** Patient or not; bodies are hashed before they are sent, or not. */
  private static S3Config config(Dice dice, boolean impatient) {
    return S3Config.builder()
        .endpoint(URI.create(dice.chance(25) ? "http://store.invalid" : "https://store.invalid"))
        .region("us-east-1")
        .keys(FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY)
        .silenceTimeout(Duration.ofMillis(dice.between(1_000, 20_000)))
        .requestTimeout(Duration.ofMillis(dice.between(1_000, 30_000)))
        .operationTimeout(Duration.ofMillis(dice.between(2_000, 60_000)))
        .triesMax(impatient ? 2 : dice.pick(List.of(1, 2, 3, 8)))
        .build();
  }

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
      for (long seed = 1; seed <= 2; seed++) {
        assertThat(STORIES.hash(seed, workers))
            .as("events of seed %d", seed)
            .isEqualTo(STORIES.hash(seed, workers));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(S3Protection.class)
  void noProtectionCanBeMissed(S3Protection removed) {
    Stories without =
        new Stories("", (seed, workers, trace) -> story(seed, workers, trace, removed));
    long first = NOTICED_BY.getOrDefault(removed, 1L);
    assertThat(without.firstFailure(first, SEEDS_MAX))
        .as("what becomes of %d stories from %d on", SEEDS_MAX, first)
        .containsPattern(SHOWS.get(removed));
  }
}
