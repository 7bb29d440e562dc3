package io.datashard.table;

import java.util.List;

/**
 * What a clean-up of orphan files found.
 *
 * @param files those that were deleted, or would be if it was tried only
 * @param young how many files are not reached either, and were left alone because they are younger
 *     than the grace: their append may be on its way
 * @param unknown how many files below {@code data/} and {@code metadata/} are not reached either,
 *     and were left alone because DataShard does not call its files so
 */
public record OrphanFiles(List<OrphanFile> files, long young, long unknown) {
  public OrphanFiles {
    files = List.copyOf(files);
  }

  /**
   * A file that nothing of the table reaches.
   *
   * @param path below the table's location, without a slash at the start
   * @param bytes its length
   * @param modifiedMillis when it was written, by the store's clock, milliseconds since 1970
   */
  public record OrphanFile(String path, long bytes, long modifiedMillis) {}

  /** The length of all {@link #files}. */
  public long bytes() {
    return files.stream().mapToLong(OrphanFile::bytes).sum();
  }
}
