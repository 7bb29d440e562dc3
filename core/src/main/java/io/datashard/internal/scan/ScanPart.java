package io.datashard.internal.scan;

import io.datashard.table.ManifestFile;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files that a scan reads: all live ones of a snapshot, or of these only what some snapshots added.
 */
public final class ScanPart {
  private final SnapshotFiles files;
  private final @Nullable Set<Long> addedBy;
  private final long afterSequence;

  private ScanPart(SnapshotFiles files, @Nullable Set<Long> addedBy, long afterSequence) {
    this.files = files;
    this.addedBy = addedBy;
    this.afterSequence = afterSequence;
  }

  /** All live files. */
  public static ScanPart all(SnapshotFiles files) {
    return new ScanPart(files, null, -1);
  }

  /**
   * The live files that these snapshots added.
   *
   * @param afterSequence a sequence number that is lower than theirs
   */
  public static ScanPart added(SnapshotFiles files, Set<Long> snapshotIds, long afterSequence) {
    return new ScanPart(files, Set.copyOf(snapshotIds), afterSequence);
  }

  SnapshotFiles files() {
    return files;
  }

  /** Whether a manifest may list files of it. A manifest is as new as the newest it lists. */
  boolean mayList(ManifestFile manifest) {
    // Tables of version 1 have no sequence numbers: all are 0.
    return addedBy == null
        || manifest.sequenceNumber() == 0
        || manifest.sequenceNumber() > afterSequence;
  }

  /** Whether it has all live files. */
  boolean isWhole() {
    return addedBy == null;
  }

  /** Whether it has files that this snapshot added. */
  boolean hasAddedBy(long snapshotId) {
    return addedBy == null || addedBy.contains(snapshotId);
  }
}
