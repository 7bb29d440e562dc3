package io.datashard.table;

import java.util.OptionalLong;

/**
 * What a commit did.
 *
 * @param version the table version that holds it: the number in {@code v<N>.metadata.json}
 * @param snapshot the id of the snapshot that holds it; empty if the commit made none, because it
 *     added and removed nothing
 * @param rowsAdded rows this commit added
 * @param rowsRemoved rows this commit removed
 * @param changed whether the table changed at all: an empty append commits nothing
 */
public record Committed(
    long version, OptionalLong snapshot, long rowsAdded, long rowsRemoved, boolean changed) {
  /**
   * The id of the snapshot that holds the commit.
   *
   * @throws IllegalStateException the commit made no snapshot
   */
  public long snapshotId() {
    return snapshot.orElseThrow(
        () -> new IllegalStateException("Nothing was added or removed, so there is no snapshot."));
  }
}
