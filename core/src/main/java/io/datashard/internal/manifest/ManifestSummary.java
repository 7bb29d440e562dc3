package io.datashard.internal.manifest;

import io.datashard.table.ManifestFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest list records of a manifest that was just written.
 *
 * @param lengthBytes the manifest's length
 * @param specId the partition spec of its files
 * @param snapshotId the snapshot it was written for
 * @param counts files and rows by status
 * @param minSequenceNumber the lowest explicit sequence number of its live files; null if all of
 *     them inherit
 * @param partitions a summary for each partition field
 */
public record ManifestSummary(
    long lengthBytes,
    int specId,
    long snapshotId,
    ManifestFile.Counts counts,
    @Nullable Long minSequenceNumber,
    List<ManifestFile.PartitionSummary> partitions) {
  public ManifestSummary {
    partitions = List.copyOf(partitions);
  }

  /**
   * The manifest list's record of it.
   *
   * @param location where the manifest is, absolute
   * @param sequenceNumber of the commit that adds it; may differ from try to try
   */
  public ManifestFile at(String location, long sequenceNumber) {
    return new ManifestFile(
        location,
        lengthBytes,
        specId,
        ManifestFile.Content.DATA,
        sequenceNumber,
        minSequenceNumber == null ? sequenceNumber : Math.min(minSequenceNumber, sequenceNumber),
        snapshotId,
        counts,
        partitions);
  }
}
