package io.datashard.table;

/**
 * Where the snapshots of a table are. Each can be read by id and by time, wherever it is.
 *
 * @param listed how many the newest metadata file lists, which other engines see
 * @param archived how many are below {@code metadata/history} instead
 * @param archiveFiles in how many files there
 * @param archiveBytes the lengths of these files in sum
 */
public record TableHistory(long listed, long archived, long archiveFiles, long archiveBytes) {
  /** All snapshots. */
  public long snapshots() {
    return listed + archived;
  }
}
