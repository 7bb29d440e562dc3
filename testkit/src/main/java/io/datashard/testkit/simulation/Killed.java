package io.datashard.testkit.simulation;

/**
 * Unwinds a thread whose simulated process is dead. An {@link Error}, so that no handler for what
 * can go wrong in a living process catches it; what such a thread still does has no effect.
 */
final class Killed extends Error {
  private static final long serialVersionUID = 1L;

  /** One for all: nobody looks at its stack, and there are many of them. */
  static final Killed INSTANCE = new Killed();

  private Killed() {
    super("the simulated process is dead", null, false, false);
  }
}
