package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * A value does not fit its column; the message names row, column, value and type. Nothing was
 * committed.
 */
public final class InvalidRowException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public InvalidRowException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public InvalidRowException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
