package io.datashard.internal.history;

import io.datashard.internal.metadata.SnapshotJson;
import io.datashard.internal.metadata.SnapshotRef;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How many snapshots a head lists. It is written with every commit, so when commits come fast it is
 * small; when they come minutes apart nobody feels its size, and other engines see more history.
 */
final class HeadSize {
  /** However rare the commits. */
  private static final long BYTES_MAX = 1 << 20;

  /** At this distance of commits the head begins to grow beyond its small size. */
  private static final long FAST_MILLIS = 3_000;

  /** The distance is taken over so many commits. */
  private static final int COMMITS_LOOKED_AT = 16;

  /** What a snapshot needs beside its own JSON: its log entry, and a comma. */
  private static final int LOG_ENTRY_BYTES = 64;

  private HeadSize() {}

  /** How many bytes the next head may have. */
  static long budget(TableMetadata base, long nowMillis) {
    long small = TableProperties.headBytes(base.properties());
    List<Snapshot> listed = base.snapshots();
    int commits = Math.min(COMMITS_LOOKED_AT, listed.size());
    if (commits == 0) {
      return small;
    }
    long since = listed.get(listed.size() - commits).timestampMillis();
    long distance = Math.max(0, nowMillis - since) / commits;
    double times = Math.max(1.0, (double) distance / FAST_MILLIS);
    return (long) Math.min(Math.max(BYTES_MAX, small), small * times);
  }

  /**
   * The listed snapshots that the next head should not list any more, oldest first; mostly none,
   * else about half of them, so that the archive grows by pieces worth a file.
   *
   * @param baseBytes the length of the base's file
   */
  static List<Snapshot> tooMany(TableMetadata base, long baseBytes, long nowMillis) {
    long budget = budget(base, nowMillis);
    List<Snapshot> listed = base.snapshots();
    if (listed.isEmpty() || baseBytes + baseBytes / listed.size() <= budget) {
      return List.of();
    }
    Set<Long> needed = new HashSet<>(); // what is under a branch or a tag stays listed
    for (SnapshotRef ref : base.refs().values()) {
      needed.add(ref.snapshotId());
    }
    List<Snapshot> movable = new ArrayList<>();
    long movableBytes = 0;
    for (Snapshot snapshot : listed) {
      if (!needed.contains(snapshot.snapshotId())) {
        movable.add(snapshot);
        movableBytes += bytesOf(base, snapshot);
      }
    }
    // A table of a thousand columns has a large head whatever it lists.
    long listedMax = Math.max(budget - (baseBytes - movableBytes), budget / 2);
    if (movableBytes <= listedMax) {
      return List.of();
    }
    movable.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
    int moved = 0;
    long left = movableBytes;
    while (moved < movable.size() && left > listedMax / 2) {
      left -= bytesOf(base, movable.get(moved++));
    }
    return movable.subList(0, moved);
  }

  private static int bytesOf(TableMetadata base, Snapshot snapshot) {
    return SnapshotJson.write(base, snapshot).length() + LOG_ENTRY_BYTES;
  }
}
