package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** A file that was asked for is not there. The table was not changed. */
public final class FileMissingException extends StorageException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public FileMissingException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public FileMissingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
