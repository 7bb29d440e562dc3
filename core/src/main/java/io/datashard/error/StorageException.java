package io.datashard.error;

import org.jspecify.annotations.Nullable;

/** The store refused or failed. The table was not changed: mend the access or try again later. */
public class StorageException extends DataShardException {
  private static final long serialVersionUID = 1L;

  /** What, where, how to mend. */
  public StorageException(String message) {
    super(message);
  }

  /** What, where, how to mend, and the first cause. */
  public StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
