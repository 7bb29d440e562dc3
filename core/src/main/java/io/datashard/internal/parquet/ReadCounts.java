package io.datashard.internal.parquet;

/**
 * What a reader looked at so far, and what it passed over by which means. A row group is counted
 * once, under the first that ruled it out, in the order of the components.
 *
 * @param rowGroups reached so far; those of no rows are not counted
 * @param rowGroupsByStatistics passed over because of the statistics in the footer
 * @param rowGroupsByBloomFilter because of Bloom filters, no page index or page was read
 * @param rowGroupsByPageIndex because the page index says that no page has a matching row
 * @param rowGroupsByDictionary because no entry of a dictionary matches, or no combination of some
 * @param pages data pages of the columns opened, in the row groups that were read; a column of
 *     which no row was wanted may never have been opened
 * @param pagesByIndex of these, those that page indexes ruled out before any page was read
 * @param pagesSkipped of these, those that were never decompressed, for whatever reason
 * @param bytesRead from the file, beyond those that opening it read
 */
public record ReadCounts(
    long rowGroups,
    long rowGroupsByStatistics,
    long rowGroupsByBloomFilter,
    long rowGroupsByPageIndex,
    long rowGroupsByDictionary,
    long pages,
    long pagesByIndex,
    long pagesSkipped,
    long bytesRead) {
  /** Nothing was looked at. */
  public static final ReadCounts NONE = new ReadCounts(0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** Row groups passed over, by whatever means. */
  public long rowGroupsSkipped() {
    return rowGroupsByStatistics
        + rowGroupsByBloomFilter
        + rowGroupsByPageIndex
        + rowGroupsByDictionary;
  }

  /** These and the other's. */
  public ReadCounts plus(ReadCounts other) {
    return new ReadCounts(
        rowGroups + other.rowGroups,
        rowGroupsByStatistics + other.rowGroupsByStatistics,
        rowGroupsByBloomFilter + other.rowGroupsByBloomFilter,
        rowGroupsByPageIndex + other.rowGroupsByPageIndex,
        rowGroupsByDictionary + other.rowGroupsByDictionary,
        pages + other.pages,
        pagesByIndex + other.pagesByIndex,
        pagesSkipped + other.pagesSkipped,
        bytesRead + other.bytesRead);
  }
}
