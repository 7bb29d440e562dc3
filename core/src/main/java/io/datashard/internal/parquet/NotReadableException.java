package io.datashard.internal.parquet;

/**
 * A file uses something that is not read here: a codec, an encoding, values that tables cannot
 * hold. The reader turns it into an {@link io.datashard.error.UnsupportedTableException} that names
 * the file.
 */
final class NotReadableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What the file uses; no full stop at the end. */
  NotReadableException(String message) {
    super(message);
  }
}
