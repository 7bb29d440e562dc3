package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** There is a table already where a new one was insisted on. It was not changed. */
public final class TableExistsException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public TableExistsException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public TableExistsException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
