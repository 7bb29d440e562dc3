package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * The table has another schema than the caller expects; the message shows both. Nothing was
 * changed.
 */
public final class SchemaMismatchException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public SchemaMismatchException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public SchemaMismatchException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
