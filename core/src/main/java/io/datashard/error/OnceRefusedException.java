package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * An append with a source and a number cannot be taken, because the table could not keep the
 * promise to hold it once: the number or its source is too old to know whether it is there, or
 * there is no room for another source. This call committed nothing. The message tells how to mend.
 */
public final class OnceRefusedException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public OnceRefusedException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public OnceRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
