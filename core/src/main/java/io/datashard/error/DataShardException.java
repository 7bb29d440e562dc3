package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** Anything that DataShard reports; the subclasses say whether the table changed. */
public class DataShardException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public DataShardException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public DataShardException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
