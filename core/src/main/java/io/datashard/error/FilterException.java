package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** A filter cannot be understood or does not fit the schema. Nothing was read. */
public final class FilterException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public FilterException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public FilterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
