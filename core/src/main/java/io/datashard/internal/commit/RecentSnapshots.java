package io.datashard.internal.commit;

import io.datashard.internal.metadata.TableMetadata;
import io.datashard.table.Snapshot;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The latest snapshots of one table that this process saw in its versions, by sequence number: a
 * version that came later lists fewer of them, and the archive is a few requests away.
 *
 * <p>A sequence number is one snapshot's for ever, because each version takes the next one. Safe
 * for use by many threads.
 */
final class RecentSnapshots {
  private static final int KEPT = 256;

  private final @Nullable Snapshot[] kept = new @Nullable Snapshot[KEPT];

  /** Keeps those that this version lists. */
  synchronized void add(TableMetadata metadata) {
    List<Snapshot> listed = metadata.snapshots();
    for (int i = listed.size() - 1; i >= 0; i--) {
      Snapshot snapshot = listed.get(i);
      int place = placeOf(snapshot.sequenceNumber());
      Snapshot there = kept[place];
      if (there != null && there.sequenceNumber() >= snapshot.sequenceNumber()) {
        return; // it, and what is before it, was seen earlier
      }
      kept[place] = snapshot;
    }
  }

  /** The snapshot of this sequence number, if it is kept. */
  synchronized Optional<Snapshot> of(long sequenceNumber) {
    Snapshot there = kept[placeOf(sequenceNumber)];
    return there != null && there.sequenceNumber() == sequenceNumber
        ? Optional.of(there)
        : Optional.empty();
  }

  private static int placeOf(long sequenceNumber) {
    return (int) Long.remainderUnsigned(sequenceNumber, KEPT);
  }
}
