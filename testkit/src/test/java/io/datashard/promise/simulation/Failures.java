package io.datashard.promise.simulation;

import io.datashard.testkit.simulation.SimulationFailure;
import io.datashard.testkit.simulation.Trace;
import io.datashard.testkit.simulation.Workers;
import org.jspecify.annotations.Nullable;

/** Plays stories and tells of those that end badly: seed, how to see it again, last events. */
final class Failures {
  private static final int EVENTS = 300;

  private Failures() {}

  /** Plays one story; fails with all there is to know. */
  static void play(long seed, Workers workers, @Nullable Protection removed) {
    try {
      new Story(seed, workers, null, removed).run();
    } catch (RuntimeException | AssertionError e) {
      throw new SimulationFailure(message(seed, workers, removed, e), e);
    }
  }

  private static String message(
      long seed, Workers workers, @Nullable Protection removed, Throwable first) {
    Trace trace = new Trace(EVENTS);
    String again = "it ended well";
    try {
      new Story(seed, workers, trace, removed).run();
    } catch (RuntimeException | AssertionError e) {
      again = String.valueOf(e.getMessage());
    }
    String told = String.valueOf(first.getMessage());
    return "Seed "
        + seed
        + (removed == null ? "" : " without " + removed)
        + ": "
        + told
        + "\nSee it again: mvn -Pquick -pl core,testkit -am test -Dtest=SimulationTest"
        + " -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed="
        + seed
        + (again.equals(told) ? "" : "\nIt was no story that repeats: the second time " + again)
        + "\nThe last events:\n"
        + String.join("\n", trace.lines());
  }
}
