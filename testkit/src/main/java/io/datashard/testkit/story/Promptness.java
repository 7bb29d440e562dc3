package io.datashard.testkit.story;

import io.datashard.testkit.simulation.SimulatedStore;
import java.util.EnumSet;

/**
 * How long appends may take where disk and wires are well: whoever waits for a frozen committer
 * goes on by himself after a second of silence, whoever waits for a dead one at once, and a
 * deadline is kept but for the second in which a committer may still give the append back.
 */
final class Promptness {
  private static final long MILLIS = 1_000_000;

  /** A round or two, its syncs, and a hand-over. */
  private static final long AT_ONCE = 300 * MILLIS;

  private static final long SILENCE = 1_000 * MILLIS;

  private final World world;

  Promptness(World world) {
    this.world = world;
  }

  boolean applies() {
    return world.store.kind() == SimulatedStore.Kind.DISK
        && EnumSet.of(
                Trouble.LOST_ANSWERS, // there is no network to lose them
                Trouble.FREEZES,
                Trouble.KILLS,
                Trouble.POWER_CUTS,
                Trouble.CLOCK_JUMPS,
                Trouble.INTERRUPTS,
                Trouble.DEADLINES,
                Trouble.NOTHING_SHARED,
                Trouble.EXITS)
            .containsAll(world.troubles);
  }

  void judge() {
    world.sent.forEach(this::judge);
  }

  private void judge(Sent each) {
    if (each.told == Long.MAX_VALUE) {
      return;
    }
    int freezes = 0;
    for (World.Frozen frozen : world.frozen) {
      if (frozen.process().equals(each.by)) {
        return; // it may come back to a pause as long as it was away
      }
      if (frozen.from() < each.told && frozen.to() > each.since) {
        freezes++;
      }
    }
    long took = each.told - each.since;
    long most = AT_ONCE + freezes * (SILENCE + AT_ONCE);
    if (took > most) {
      throw new AssertionError(
          took / MILLIS + " ms, not " + most / MILLIS + " at most, took " + each);
    }
    if (each.withinNanos != Long.MAX_VALUE && took > each.withinNanos + SILENCE + AT_ONCE) {
      throw new AssertionError(
          took / MILLIS + " ms, not " + each.withinNanos / MILLIS + " at most, took " + each);
    }
  }
}
