package io.datashard.internal.commit;

import io.datashard.table.DataFile;
import io.datashard.table.Snapshot;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The summary of a snapshot. Spec: Iceberg table spec, "Snapshots" and Appendix F. */
final class SnapshotSummary {
  private SnapshotSummary() {}

  /** What a commit adds and removes. */
  record Totals(
      long addedFiles,
      long addedRows,
      long addedBytes,
      long removedFiles,
      long removedRows,
      long removedBytes,
      long partitions) {
    static final Totals NONE = new Totals(0, 0, 0, 0, 0, 0, 0);

    static Totals of(List<DataFile> added, List<DataFile> removed) {
      return new Totals(
          added.size(),
          added.stream().mapToLong(DataFile::recordCount).sum(),
          added.stream().mapToLong(DataFile::fileSizeBytes).sum(),
          removed.size(),
          removed.stream().mapToLong(DataFile::recordCount).sum(),
          removed.stream().mapToLong(DataFile::fileSizeBytes).sum(),
          partitions(added, removed));
    }

    /** How many partitions change; 0 if nothing is divided. */
    private static long partitions(List<DataFile> added, List<DataFile> removed) {
      return Stream.concat(added.stream(), removed.stream())
          .filter(file -> !file.partition().isEmpty())
          .map(DataFile::partitionKey)
          .distinct()
          .count();
    }
  }

  /** The summary; zeros are left out, because every listed snapshot is in every later version. */
  static Map<String, String> of(String operation, Totals t, @Nullable Snapshot parent) {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put("operation", operation);
    put(summary, "added-data-files", t.addedFiles());
    put(summary, "added-records", t.addedRows());
    put(summary, "added-files-size", t.addedBytes());
    put(summary, "deleted-data-files", t.removedFiles());
    put(summary, "deleted-records", t.removedRows());
    put(summary, "removed-files-size", t.removedBytes());
    put(summary, "changed-partition-count", t.partitions());
    total(summary, "total-data-files", parent, t.addedFiles() - t.removedFiles());
    total(summary, "total-records", parent, t.addedRows() - t.removedRows());
    total(summary, "total-files-size", parent, t.addedBytes() - t.removedBytes());
    return summary;
  }

  /** How many rows the commit of a snapshot removed, as its summary tells. */
  static long removedRows(Snapshot snapshot) {
    String text = snapshot.summary().getOrDefault("deleted-records", "0");
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }

  private static void put(Map<String, String> summary, String key, long value) {
    if (value != 0) {
      summary.put(key, Long.toString(value));
    }
  }

  /** A total is known only if the parent's is; a wrong one would be believed. */
  private static void total(
      Map<String, String> summary, String key, @Nullable Snapshot parent, long change) {
    if (parent == null) {
      summary.put(key, Long.toString(change));
      return;
    }
    String before = parent.summary().get(key);
    if (before == null) {
      return;
    }
    try {
      summary.put(key, Long.toString(Math.addExact(Long.parseLong(before), change)));
    } catch (NumberFormatException | ArithmeticException e) {
      // Another writer's total that is no number: leave ours out.
    }
  }
}
