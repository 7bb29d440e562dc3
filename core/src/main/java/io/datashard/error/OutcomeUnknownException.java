package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * A commit was sent and no answer came: the table may or may not have changed. Nothing that the
 * commit wrote was deleted. Look for its rows before sending them again.
 */
public final class OutcomeUnknownException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public OutcomeUnknownException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public OutcomeUnknownException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
