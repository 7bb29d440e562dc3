package io.datashard.table;

import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One manifest of a snapshot, as the manifest list records it. Spec: Iceberg table spec, "Manifest
 * Lists", {@code manifest_file}.
 *
 * @param location where it is, absolute
 * @param lengthBytes its length
 * @param specId the partition spec of its files
 * @param content data or deletes
 * @param sequenceNumber of the commit that added it
 * @param minSequenceNumber the lowest data sequence number of its live files
 * @param addedSnapshotId the snapshot that added it
 * @param counts how many files and rows it adds, keeps and removes
 * @param partitions a summary for each partition field; empty if not recorded
 */
public record ManifestFile(
    String location,
    long lengthBytes,
    int specId,
    Content content,
    long sequenceNumber,
    long minSequenceNumber,
    long addedSnapshotId,
    Counts counts,
    List<PartitionSummary> partitions) {

  /** What a manifest lists. */
  public enum Content {
    DATA,
    DELETES
  }

  /** Files and rows by entry status; -1 where not recorded. */
  public record Counts(
      int addedFiles,
      int existingFiles,
      int deletedFiles,
      long addedRows,
      long existingRows,
      long deletedRows) {}

  /** Bounds of one partition field over the manifest; spec: {@code field_summary}. */
  public record PartitionSummary(
      boolean containsNull,
      @Nullable Boolean containsNan,
      @Nullable ByteBuffer lower,
      @Nullable ByteBuffer upper) {}

  public ManifestFile {
    partitions = List.copyOf(partitions);
  }
}
