package io.datashard.table;

/**
 * What a scan reads and what it leaves out, from the table down to pages. Each level counts what
 * the level above left. Everything is counted under the first thing that ruled it out.
 *
 * <p>Of a scan that was only explained it says what there is to read; of one that was read, what
 * was read so far: row groups and pages of a piece of a file are counted when the piece was read to
 * its end or given up.
 *
 * @param manifests lists of data files
 * @param files data files
 * @param rowGroups of the data files that are left
 * @param pages of the row groups that are left
 * @param bytes of the data files that are left
 * @param limitReached whether the rest of the table was not looked at, because the files before
 *     certainly hold enough rows, or because no row can be wanted; it is counted nowhere
 */
public record ScanReport(
    Manifests manifests,
    Files files,
    RowGroups rowGroups,
    Pages pages,
    Bytes bytes,
    boolean limitReached) {

  /**
   * Manifests of the snapshot.
   *
   * @param total all of them
   * @param skipped not looked at, by the bounds of partitions that the manifest list records, or
   *     because only later snapshots' files are wanted
   * @param filesRead manifest lists and manifests that were fetched from the store; those that were
   *     known from an earlier read are not
   * @param bytesRead what these have
   */
  public record Manifests(int total, int skipped, int filesRead, long bytesRead) {}

  /**
   * Live data files.
   *
   * @param total all of them; of skipped manifests as many as the manifest list says. Of a scan of
   *     appended rows, those that were appended
   * @param skippedByPartition by their partition values, or with their manifest
   * @param skippedByBounds by counts and bounds of their columns
   * @param bytesLeft what those that are left have in all
   * @param opened how many of those were opened
   */
  public record Files(
      long total, long skippedByPartition, long skippedByBounds, long bytesLeft, long opened) {
    /** How many there are to read. */
    public long left() {
      return total - skippedByPartition - skippedByBounds;
    }
  }

  /**
   * Row groups of the files that were opened.
   *
   * @param total all that were reached, but for empty ones
   * @param skippedByStatistics by the statistics in the footer
   * @param skippedByBloomFilter because a Bloom filter lacks the value
   * @param skippedByPageIndex because the page index excludes every page
   * @param skippedByDictionary because no value of a dictionary matches
   */
  public record RowGroups(
      long total,
      long skippedByStatistics,
      long skippedByBloomFilter,
      long skippedByPageIndex,
      long skippedByDictionary) {
    /** How many there are to read. */
    public long left() {
      return total
          - skippedByStatistics
          - skippedByBloomFilter
          - skippedByPageIndex
          - skippedByDictionary;
    }
  }

  /**
   * Data pages of the row groups that are left.
   *
   * @param total of an explained scan, of all columns that it looks at, as far as page index or
   *     footer count them; of one that was read, of the columns of which any row was wanted
   * @param skippedByPageIndex because the page index excludes them
   * @param skippedOtherwise by statistics in their headers, or because none of their rows was
   *     wanted in the end; 0 if the scan was only explained
   */
  public record Pages(long total, long skippedByPageIndex, long skippedOtherwise) {
    /** How many there are to read. */
    public long left() {
      return total - skippedByPageIndex - skippedOtherwise;
    }
  }

  /**
   * Bytes of data files.
   *
   * @param toRead what pages and dictionaries that are left take in the files; a read may need
   *     fewer of them, and reads gaps, footers and indexes too. -1 if the scan was read
   * @param read what was fetched: of an explained scan footers, page indexes and dictionaries, and
   *     small files whole
   */
  public record Bytes(long toRead, long read) {}
}
