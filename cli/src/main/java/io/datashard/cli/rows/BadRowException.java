package io.datashard.cli.rows;

import org.jspecify.annotations.Nullable;

/** A row of the input cannot be appended; the message names file, line, column and value. */
public final class BadRowException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadRowException(String source, long line, String what, @Nullable Throwable cause) {
    super(source + ", line " + line + what, cause);
  }

  static BadRowException row(String source, long line, String what, @Nullable Throwable cause) {
    return new BadRowException(source, line, ": " + what, cause);
  }

  static BadRowException value(
      String source, long line, String column, String what, @Nullable Throwable cause) {
    return new BadRowException(source, line, ", column '" + column + "': " + what, cause);
  }
}
