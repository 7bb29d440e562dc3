package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * The table uses a feature that this version does not apply, so reading it could return wrong rows.
 * Nothing was changed.
 */
public final class UnsupportedTableException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public UnsupportedTableException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public UnsupportedTableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
