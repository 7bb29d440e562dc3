package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** There is no table at this location. Nothing was created. */
public final class TableNotFoundException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public TableNotFoundException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public TableNotFoundException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
