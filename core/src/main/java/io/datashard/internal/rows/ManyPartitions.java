package io.datashard.internal.rows;

import io.datashard.table.DataFile;
import java.util.Collection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Warns of commits that divide their rows among very many files. */
public final class ManyPartitions {
  /** More partitions than this in one commit are too many. */
  public static final int WARNED_FROM = 100;

  private static final Logger LOG = LoggerFactory.getLogger(ManyPartitions.class);

  private ManyPartitions() {}

  /**
   * Warns if these files are of too many partitions.
   *
   * @return of how many
   */
  public static int warn(String table, Collection<DataFile> added) {
    int partitions = (int) added.stream().map(DataFile::partitionKey).distinct().count();
    warn(table, partitions);
    return partitions;
  }

  /** Warns if these are too many partitions. */
  public static void warn(String table, int partitions) {
    if (partitions > WARNED_FROM) {
      LOG.warn("{}", text(table, partitions));
    }
  }

  /** What is said of that many. */
  public static String text(String table, int partitions) {
    return "One commit to "
        + table
        + " has rows of "
        + partitions
        + " partitions, each in a file of its own: many small files make scans slow. Append rows of"
        + " few partitions at a time, or partition by something coarser.";
  }
}
