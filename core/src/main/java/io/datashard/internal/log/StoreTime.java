package io.datashard.internal.log;

import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import java.util.OptionalLong;

/**
 * How long ago something was in a remote store, so that names need not be looked at that cannot
 * have been freed yet (I1).
 *
 * <p>In a remote store no version is freed before its successor is {@link #FREED_AFTER_MILLIS} old
 * by the store's clock. If no version above N existed at some moment, then none above N is freed
 * for so long after it. Half of that is trusted; the other half is for clocks that differ: signed
 * requests are refused when clocks are 15 minutes apart.
 *
 * <p>The store's dates count because a process, or its machine, may have slept; what the process
 * measured itself counts too, because a store may answer with a date that is old. The longest of
 * all is believed.
 */
final class StoreTime {
  /** So old the successor of a version is at least before the version's name is freed. */
  static final long FREED_AFTER_MILLIS = 3_600_000;

  private static final long TRUSTED_MILLIS = FREED_AFTER_MILLIS / 2;

  private final Storage storage;
  private final Env env;

  StoreTime(Storage storage, Env env) {
    this.storage = storage;
    this.env = env;
  }

  /**
   * A moment, by all clocks at hand.
   *
   * @param storeMillis empty if the store had not told its time yet: then nobody knows how long ago
   *     it was, for the clocks of this process may stand still while its machine sleeps
   */
  record Moment(OptionalLong storeMillis, long nanos, long millis) {}

  /** A moment of which nobody knows how long ago it was. */
  Moment never() {
    return new Moment(OptionalLong.empty(), env.nanoTime(), env.nowMillis());
  }

  /** The later of two moments, as far as the process's own clock tells. */
  static Moment later(Moment one, Moment other) {
    return one.nanos() - other.nanos() >= 0 ? one : other;
  }

  /** A moment that is not after the effect of any request that is sent later. */
  Moment now() {
    return new Moment(storage.clockMillis(), env.nanoTime(), env.nowMillis());
  }

  /**
   * The same moment, if the store told its time then; else it has that of the last answer, so that
   * it is the moment of that answer at the latest.
   */
  Moment toldBy(Moment moment) {
    return moment.storeMillis().isPresent()
        ? moment
        : new Moment(storage.clockMillis(), moment.nanos(), moment.millis());
  }

  /**
   * Whether nothing that came after this moment can have been freed yet; false if the store does
   * not tell its time.
   */
  boolean isRecent(Moment moment) {
    return isWithin(TRUSTED_MILLIS, moment);
  }

  /** Whether this moment is surely no longer ago; false if the store does not tell its time. */
  boolean isWithin(long limitMillis, Moment moment) {
    Moment now = now();
    if (!storage.isRemote() || now.storeMillis().isEmpty() || moment.storeMillis().isEmpty()) {
      return false;
    }
    long elapsed = (now.nanos() - moment.nanos()) / 1_000_000;
    elapsed = Math.max(elapsed, now.millis() - moment.millis());
    elapsed = Math.max(elapsed, now.storeMillis().getAsLong() - moment.storeMillis().getAsLong());
    return elapsed < limitMillis;
  }
}
