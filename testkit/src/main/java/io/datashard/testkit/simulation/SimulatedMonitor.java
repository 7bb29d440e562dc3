package io.datashard.testkit.simulation;

import io.datashard.internal.env.Monitor;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A lock with one condition, whose waiters wake in any order and now and then for no reason. */
final class SimulatedMonitor implements Monitor {
  private static final int SPURIOUS_PERCENT = 2;

  private final SimulatedProcess process;
  private final Simulation simulation;
  private final ArrayDeque<Actor> entering = new ArrayDeque<>();
  private final List<Actor> waiting = new ArrayList<>();
  private @Nullable Actor owner;

  SimulatedMonitor(SimulatedProcess process) {
    this.process = process;
    this.simulation = process.simulation();
  }

  @Override
  public void lock() {
    if (process.isGone()) {
      return;
    }
    simulation.point();
    acquire();
  }

  private void acquire() {
    Actor me = simulation.current();
    if (owner == me) {
      throw new IllegalStateException(me + " locks what it has locked");
    }
    while (owner != null && !process.isGone()) {
      entering.add(me);
      simulation.block(Long.MAX_VALUE, true);
    }
    if (!process.isGone()) {
      owner = me;
    }
  }

  @Override
  public void unlock() {
    if (process.isGone()) {
      return;
    }
    release();
    simulation.point();
    process.isGone();
  }

  private void release() {
    requireOwner();
    owner = null;
    Actor next = entering.poll();
    if (next != null) {
      simulation.wake(next, Actor.Wake.CALLED);
    }
  }

  private void requireOwner() {
    if (owner != simulation.current()) {
      throw new IllegalMonitorStateException(
          simulation.current() + " does not have the lock, " + owner + " has");
    }
  }

  @Override
  public void await(long nanos) throws InterruptedException {
    if (await(nanos, false) == Actor.Wake.INTERRUPT) {
      throw new InterruptedException();
    }
  }

  @Override
  public void awaitUninterruptibly(long nanos) {
    await(nanos, true);
  }

  private Actor.Wake await(long nanos, boolean deaf) {
    process.requireAlive();
    Actor me = simulation.current();
    requireOwner();
    release();
    waiting.add(me);
    Dice dice = simulation.dice();
    long most =
        dice.chance(SPURIOUS_PERCENT) ? Math.min(nanos, dice.between(1_000L, 20_000_000L)) : nanos;
    Actor.Wake how = simulation.block(most, deaf);
    process.requireAlive();
    waiting.remove(me);
    acquire();
    return how;
  }

  @Override
  public void signalAll() {
    if (process.isGone()) {
      return;
    }
    requireOwner();
    for (Actor each : waiting) {
      simulation.wake(each, Actor.Wake.CALLED);
    }
    waiting.clear();
  }
}
