package io.datashard.testkit.simulation;

import org.jspecify.annotations.Nullable;

/** A thread of a simulated process. Only the one actor that runs touches any of this. */
final class Actor {
  enum State {
    READY,
    RUNNING,
    BLOCKED,
    DONE
  }

  /** Why a block ended. */
  enum Wake {
    CALLED,
    TIME,
    INTERRUPT
  }

  final SimulatedProcess process;
  final String name;
  final Runnable body;

  /** Whether it keeps its process alive. */
  final boolean user;

  State state = State.READY;
  Wake wake = Wake.CALLED;

  /** Whether it sleeps through interrupts. */
  boolean deaf;

  /** The thread's interrupt flag while it does not run. */
  boolean interrupted;

  /** Whether it was told that its process is dead. */
  boolean unwinding;

  /** Counts wakes: a timer set before the last one means nothing any more. */
  int wakes;

  /** Null before it runs first. */
  Workers.@Nullable Worker worker;

  Actor(SimulatedProcess process, String name, Runnable body, boolean user) {
    this.process = process;
    this.name = name;
    this.body = body;
    this.user = user;
  }

  @Override
  public String toString() {
    return process.name() + "/" + name;
  }
}
