package io.datashard.internal.metadata;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A branch or a tag. Spec: Iceberg table spec, "Snapshot References".
 *
 * @param snapshotId the tagged snapshot, or the newest of the branch
 * @param kind branch or tag
 * @param minSnapshotsToKeep for branches; null if not set
 * @param maxSnapshotAgeMillis for branches; null if not set
 * @param maxRefAgeMillis null if not set
 * @param unknown fields that this version does not know, name to JSON text; written back as read
 */
public record SnapshotRef(
    long snapshotId,
    Kind kind,
    @Nullable Integer minSnapshotsToKeep,
    @Nullable Long maxSnapshotAgeMillis,
    @Nullable Long maxRefAgeMillis,
    Map<String, String> unknown) {
  /** The name of the branch that {@code current-snapshot-id} follows. */
  public static final String MAIN = "main";

  /** What a reference is. */
  public enum Kind {
    BRANCH,
    TAG
  }

  public SnapshotRef {
    unknown = Collections.unmodifiableMap(new LinkedHashMap<>(unknown));
  }

  /** A branch without a retention policy of its own. */
  public static SnapshotRef branch(long snapshotId) {
    return new SnapshotRef(snapshotId, Kind.BRANCH, null, null, null, Map.of());
  }

  /** A tag that never expires. */
  public static SnapshotRef tag(long snapshotId) {
    return new SnapshotRef(snapshotId, Kind.TAG, null, null, null, Map.of());
  }

  /** The same reference, moved to another snapshot. */
  public SnapshotRef at(long newSnapshotId) {
    return new SnapshotRef(
        newSnapshotId, kind, minSnapshotsToKeep, maxSnapshotAgeMillis, maxRefAgeMillis, unknown);
  }
}
