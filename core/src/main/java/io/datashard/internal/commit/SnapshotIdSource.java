package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import io.datashard.internal.history.SnapshotIds;
import java.util.concurrent.atomic.AtomicLong;

/** The snapshot ids that one process draws: no two are equal. */
final class SnapshotIdSource {
  private final AtomicLong last = new AtomicLong();

  private SnapshotIdSource() {}

  /** An id that tells the time. */
  static long next(Env env) {
    SnapshotIdSource source = env.shared(SnapshotIdSource.class, SnapshotIdSource::new);
    long drawn = SnapshotIds.of(env.nowMillis(), env.randomId());
    return source.last.updateAndGet(before -> Math.max(before + 1, drawn));
  }
}
