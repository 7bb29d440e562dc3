package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * A file of the table is damaged, cut or missing; the message names it. Nothing was changed: stop.
 */
public final class CorruptTableException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public CorruptTableException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public CorruptTableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
