package io.datashard.internal.history;

import io.datashard.table.Snapshot;

/**
 * Snapshot ids that tell when they were drawn, so that a stretch of history has a narrow range of
 * ids and a search by id knows where to look: 42 bits of milliseconds since 1970, and {@value
 * #RANDOM_BITS} random ones.
 *
 * <p>Two ids can only be equal if they were drawn in the same millisecond, so whoever commits sees
 * the other one in the head that he starts from: it is younger than all that was archived.
 */
public final class SnapshotIds {
  private static final int RANDOM_BITS = 21;
  private static final long MILLIS_MAX = (1L << (63 - RANDOM_BITS)) - 1;

  /** An append may be tried again for so long before its snapshot is made, and clocks differ. */
  private static final long DISTANCE_MILLIS_MAX = 3_600_000;

  private SnapshotIds() {}

  /**
   * An id for a snapshot that is made about now.
   *
   * @param random drawn for this one
   */
  public static long of(long nowMillis, long random) {
    long millis = Math.max(1, Math.min(MILLIS_MAX, nowMillis));
    return millis << RANDOM_BITS | random >>> (64 - RANDOM_BITS);
  }

  /** Whether a snapshot's id tells its time; ids that others make are random. */
  static boolean isTimed(Snapshot snapshot) {
    return snapshot.snapshotId() > 0
        && Math.abs((snapshot.snapshotId() >>> RANDOM_BITS) - snapshot.timestampMillis())
            <= DISTANCE_MILLIS_MAX;
  }
}
