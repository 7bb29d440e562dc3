package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import io.datashard.internal.history.SnapshotIds;
import java.util.concurrent.atomic.AtomicLong;

/** The snapshot ids that one process draws: no two are equal. */
final class SnapshotIdSource {
  private final AtomicLong last = new AtomicLong();

  /** What all ids of this process have in common. */
  private final long committer;

  private SnapshotIdSource(long committer) {
    this.committer = committer;
  }

  /** An id that tells the time, and what is this process's. */
  static long next(Env env) {
    SnapshotIdSource source =
        env.shared(SnapshotIdSource.class, () -> new SnapshotIdSource(env.randomId()));
    long drawn = SnapshotIds.of(env.nowMillis(), source.committer, env.randomId());
    return source.last.updateAndGet(before -> Math.max(before + 1, drawn));
  }
}
