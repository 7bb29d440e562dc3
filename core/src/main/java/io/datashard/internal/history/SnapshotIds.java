package io.datashard.internal.history;

import io.datashard.table.Snapshot;
import java.util.BitSet;
import java.util.List;

/**
 * Snapshot ids that tell when they were drawn, so that a stretch of history has a narrow range of
 * ids and a search by id knows where to look; and by whom, so that who commits sees how many others
 * do: 42 bits of milliseconds since 1970, {@value #COMMITTER_BITS} that a process draws once, and
 * {@value #RANDOM_BITS} random ones.
 *
 * <p>Two ids can only be equal if they were drawn in the same millisecond, so whoever commits sees
 * the other one in the head that he starts from: it is younger than all that was archived.
 */
public final class SnapshotIds {
  private static final int COMMITTER_BITS = 12;
  private static final int RANDOM_BITS = 9;
  private static final int BITS_BELOW_MILLIS = COMMITTER_BITS + RANDOM_BITS;
  private static final long MILLIS_MAX = (1L << (63 - BITS_BELOW_MILLIS)) - 1;

  /** An append may be tried again for so long before its snapshot is made, and clocks differ. */
  private static final long DISTANCE_MILLIS_MAX = 3_600_000;

  private static final int OTHER_ENGINES = 1 << COMMITTER_BITS;

  private SnapshotIds() {}

  /**
   * An id for a snapshot that is made about now.
   *
   * @param committer what a process drew at random, for all its ids
   * @param random drawn for this one
   */
  public static long of(long nowMillis, long committer, long random) {
    long millis = Math.max(1, Math.min(MILLIS_MAX, nowMillis));
    return millis << BITS_BELOW_MILLIS
        | committer >>> (64 - COMMITTER_BITS) << RANDOM_BITS
        | random >>> (64 - RANDOM_BITS);
  }

  /**
   * How many processes made the latest of these snapshots, as far as their ids tell; all other
   * engines count as one.
   *
   * @param snapshots the oldest first
   * @param ageMillisMax what is so much older than the newest one does not count
   */
  public static int committers(List<Snapshot> snapshots, long ageMillisMax) {
    BitSet seen = new BitSet();
    for (int i = snapshots.size() - 1; i >= 0; i--) {
      Snapshot snapshot = snapshots.get(i);
      long newest = snapshots.get(snapshots.size() - 1).timestampMillis();
      if (newest - snapshot.timestampMillis() > ageMillisMax) {
        break;
      }
      seen.set(isTimed(snapshot) ? committerOf(snapshot) : OTHER_ENGINES);
    }
    return seen.cardinality();
  }

  private static int committerOf(Snapshot snapshot) {
    return (int) (snapshot.snapshotId() >>> RANDOM_BITS) & (OTHER_ENGINES - 1);
  }

  /** Whether a snapshot's id tells its time; ids that others make are random. */
  static boolean isTimed(Snapshot snapshot) {
    return snapshot.snapshotId() > 0
        && Math.abs((snapshot.snapshotId() >>> BITS_BELOW_MILLIS) - snapshot.timestampMillis())
            <= DISTANCE_MILLIS_MAX;
  }
}
