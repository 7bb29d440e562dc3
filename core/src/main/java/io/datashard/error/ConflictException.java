package io.datashard.error;

import org.jspecify.annotations.Nullable;

/**
 * Another commit changed what this one relied on. The table was not changed by this one: reload,
 * redo the work.
 */
public class ConflictException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public ConflictException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public ConflictException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
