package io.datashard.cli;

import org.jspecify.annotations.Nullable;

/** The operation failed for a reason that the command itself found. Exit code 1. */
public final class FailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public FailedException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public FailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
