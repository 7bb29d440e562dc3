package io.datashard.internal.manifest;

import io.datashard.table.DataFile;
import org.jspecify.annotations.Nullable;

/**
 * One entry of a manifest. Spec: Iceberg table spec, "Manifest Entry Fields".
 *
 * @param status what the manifest's snapshot did with the file
 * @param snapshotId the snapshot that added the file, or that removed it if DELETED; null means the
 *     manifest's own
 * @param sequenceNumber the data sequence number; null means inherited from the manifest list
 * @param fileSequenceNumber of the commit that added the file; null means inherited
 * @param file the data file
 */
public record ManifestEntry(
    Status status,
    @Nullable Long snapshotId,
    @Nullable Long sequenceNumber,
    @Nullable Long fileSequenceNumber,
    DataFile file) {

  /** What the snapshot did with the file; the ordinal is the stored code. */
  public enum Status {
    EXISTING,
    ADDED,
    DELETED
  }

  /** A file that the snapshot being made adds; ids and sequence numbers are inherited. */
  public static ManifestEntry added(DataFile file) {
    return new ManifestEntry(Status.ADDED, null, null, null, file);
  }

  /** The same file, kept by a later snapshot; who added it and when stays. */
  public ManifestEntry asExisting() {
    return new ManifestEntry(Status.EXISTING, snapshotId, sequenceNumber, fileSequenceNumber, file);
  }

  /** The same file, removed by this snapshot. */
  public ManifestEntry asDeleted(long bySnapshotId) {
    return new ManifestEntry(
        Status.DELETED, bySnapshotId, sequenceNumber, fileSequenceNumber, file);
  }

  /** Whether the file belongs to the table's rows. */
  public boolean isLive() {
    return status != Status.DELETED;
  }
}
