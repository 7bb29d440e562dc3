package io.datashard.table;

import java.util.OptionalLong;

/**
 * What a commit did.
 *
 * @param version the table version that holds it: the number in {@code v<N>.metadata.json}
 * @param snapshot the id of the snapshot that holds it; empty if the commit made none, because it
 *     added and removed nothing, or if it was there already and its snapshot is not remembered
 * @param rowsAdded rows this commit added
 * @param rowsRemoved rows this commit removed
 * @param outcome whether it changed the table
 */
public record Committed(
    long version, OptionalLong snapshot, long rowsAdded, long rowsRemoved, Outcome outcome) {
  /** Whether a commit changed the table. */
  public enum Outcome {
    /** It did. */
    COMMITTED,
    /** There was nothing to change: an append without rows, for example. */
    NOTHING_TO_DO,
    /**
     * The table has it already: an earlier append had the same source and number. The rows of this
     * one were not added. {@link #snapshot} is that of the earlier one and {@link #version} its
     * version; when the table does not remember them any more, the snapshot is empty and the
     * version is the one that was looked at.
     */
    THERE_ALREADY
  }

  /** Whether this changed the table. */
  public boolean changed() {
    return outcome == Outcome.COMMITTED;
  }

  /** Whether an earlier append had the same source and number. */
  public boolean wasThere() {
    return outcome == Outcome.THERE_ALREADY;
  }

  /**
   * The id of the snapshot that holds the commit.
   *
   * @throws IllegalStateException the commit made no snapshot, or which one it was is not
   *     remembered any more
   */
  public long snapshotId() {
    return snapshot.orElseThrow(
        () ->
            new IllegalStateException(
                wasThere()
                    ? "The append is in the table, but its snapshot is not remembered any more."
                    : "Nothing was added or removed, so there is no snapshot."));
  }
}
