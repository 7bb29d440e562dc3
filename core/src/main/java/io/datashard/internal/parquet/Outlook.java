package io.datashard.internal.parquet;

/**
 * What reading a file would look at, as far as footer, page indexes, Bloom filters and dictionaries
 * tell.
 *
 * @param counts row groups, and pages of the columns that the scan looks at; statistics in page
 *     headers and rows that turn out not to match may let a reader skip more pages
 * @param bytesToRead pages and dictionaries of these columns in the row groups that are left, as
 *     long as they are in the file; a reader may pass over some, or read gaps between them too
 */
public record Outlook(ReadCounts counts, long bytesToRead) {
  /** Nothing to read. */
  public static final Outlook NONE = new Outlook(ReadCounts.NONE, 0);

  /** This and the other. */
  public Outlook plus(Outlook other) {
    return new Outlook(counts.plus(other.counts), bytesToRead + other.bytesToRead);
  }
}
