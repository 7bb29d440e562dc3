package io.datashard.cli;

/** The command line is wrong, whatever any table holds. Exit code 2. */
public final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What is wrong and what would be right. */
  public UsageException(String message) {
    super(message);
  }

  /** What is wrong and what would be right, and the first cause. */
  public UsageException(String message, Throwable cause) {
    super(message, cause);
  }
}
