package io.datashard.internal.parquet;

import org.jspecify.annotations.Nullable;

/**
 * Bytes of a file make no sense. Thrown where the file's name is not known and caught where it is:
 * the reader turns it into a {@link io.datashard.error.CorruptTableException} before anyone outside
 * this room sees it.
 */
final class DamagedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What was expected and what was found; no full stop at the end. */
  DamagedException(String message) {
    super(message);
  }

  /** What was expected and what was found, and the first cause. */
  DamagedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
