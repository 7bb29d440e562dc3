package io.datashard.testkit.story;

import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.internal.care.OrphanSweep;
import io.datashard.internal.commit.Committer;
import io.datashard.storage.Storage;
import io.datashard.table.OrphanFiles;
import io.datashard.testkit.simulation.Dice;
import io.datashard.testkit.simulation.SimulatedMachine;
import io.datashard.testkit.simulation.SimulatedProcess;
import io.datashard.testkit.simulation.SimulatedStore;
import io.datashard.testkit.simulation.Weather;
import java.time.Duration;

/**
 * Clean-ups of orphan files beside a story, with a grace so short that frozen writers wake up after
 * it, and a last one when all is quiet. Their dice are their own, so that stories without them stay
 * as they are.
 */
final class Sweeps {
  private static final long MILLIS = 1_000_000;

  /** A client sends requests again for so long. */
  private static final long TRIES_MILLIS = 60_000;

  private final World world;
  private final Dice dice;
  private final boolean fences;
  private final Duration grace;

  /** Stories may be over, and only the last clean-up is to come. */
  private boolean over;

  /**
   * @param fences whether clean-ups commit one, as they must
   */
  Sweeps(World world, Dice dice, boolean fences) {
    this.world = world;
    this.dice = dice;
    this.fences = fences;
    // Requests to a bucket take effect late; half the grace must be longer.
    long late = world.store.lateNanosMax() / MILLIS + (world.store.hasClient() ? TRIES_MILLIS : 0);
    this.grace =
        world.store.kind() == SimulatedStore.Kind.BUCKET
            ? Duration.ofMillis(dice.between(2 * late + 2_000, 3 * late))
            : Duration.ofMillis(dice.between(1_000, 3_000));
  }

  /** How long writers sleep on their way to a version now and then: often longer than the grace. */
  long freezeNanos() {
    return dice.below(3 * grace.toNanos());
  }

  /** Whether a writer who is about to create a version falls asleep. */
  boolean freezesNow() {
    return !over && dice.chance(25);
  }

  boolean isOver() {
    return over;
  }

  /** Plans some of them, each by a process of its own. */
  void plan(SimulatedMachine machine) {
    int count = dice.between(2, 6);
    for (int i = 0; i < count; i++) {
      world.simulation.after(
          dice.below(6 * grace.toNanos()), () -> start(machine.process("sweeper"), false));
    }
  }

  /** The last one, long after everything. Nothing goes wrong any more. */
  void planLast(SimulatedMachine machine) {
    over = true;
    world.store.weather(Weather.FAIR);
    world.simulation.after(
        200_000 * MILLIS + 2 * grace.toNanos(), () -> start(machine.process("last"), true));
  }

  private void start(SimulatedProcess process, boolean isLast) {
    Storage storage = world.store.seenBy(process);
    process.startUser("main", () -> sweep(process, storage, isLast));
  }

  private void sweep(SimulatedProcess process, Storage storage, boolean isLast) {
    try {
      Committer committer = new Committer(storage, process);
      if (committer.newest().isEmpty()) {
        return;
      }
      world.simulation.note("cleans up what is older than", grace);
      OrphanFiles deleted =
          new OrphanSweep(
                  storage,
                  process,
                  fences
                      ? committer::fence
                      : keptSince -> committer.newestOrGone().version().number())
              .run(grace, false);
      world.simulation.note("cleaned up", deleted);
    } catch (DataShardException e) {
      if (isLast || e instanceof CorruptTableException) {
        throw new AssertionError("A clean-up ended with " + e.getMessage(), e);
      }
      world.simulation.note("could not clean up", e);
    } catch (RuntimeException | OutOfMemoryError e) {
      if (!World.isSurprise(e)) {
        throw e;
      }
    }
  }
}
