package io.datashard.testkit.simulation;

import org.jspecify.annotations.Nullable;

/** A run that broke a promise, did not end, or ended with an error nobody caught. */
public final class SimulationFailure extends AssertionError {
  private static final long serialVersionUID = 1L;

  /** What went wrong, and why if an error says so. */
  public SimulationFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
