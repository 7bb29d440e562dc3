package io.datashard.internal.rows;

import io.datashard.data.Batch;
import org.jspecify.annotations.Nullable;

/**
 * A part of a scan that is read by itself. Used by one thread at a time, not always the same one.
 * Nothing is opened before the first call, and nothing is open after the last.
 */
interface Piece {
  /**
   * Takes one step, short enough to wait for.
   *
   * @return rows, maybe none, or null at the end
   */
  @Nullable Batch next();

  /** Frees what is open. Called once, also if nothing was read. */
  void close();
}
