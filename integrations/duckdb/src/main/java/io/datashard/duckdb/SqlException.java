package io.datashard.duckdb;

import io.datashard.error.DataShardException;
import org.jspecify.annotations.Nullable;

/**
 * A query failed: its text is wrong, or DuckDB or the reading of a table failed on the way, which
 * is the cause then. No table was changed.
 */
public final class SqlException extends DataShardException {
  private static final long serialVersionUID = 1L;

  SqlException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
