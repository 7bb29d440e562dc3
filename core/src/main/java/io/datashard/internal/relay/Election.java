package io.datashard.internal.relay;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.env.Wire;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds out who commits for a line. Only the line's thread uses it, unless said otherwise. */
final class Election {
  private static final Logger LOG = LoggerFactory.getLogger(Election.class);

  /** Seats a table has on a machine: whoever distrusts the holder of one goes on to the next. */
  static final int PLACES = 4;

  private static final long DISTRUST_NANOS = Duration.ofSeconds(10).toNanos();

  /**
   * Who has a seat and does not listen yet mostly does a moment later, on a machine that is busy.
   */
  private static final long NOT_YET_NANOS = Duration.ofSeconds(1).toNanos();

  private static final long SEAT_WAIT_NANOS = Duration.ofMillis(500).toNanos();

  /** Who is distrusted is asked all the same, and believed again if he answers at once. */
  private static final long DOUBT_WAIT_NANOS = Duration.ofMillis(50).toNanos();

  private static final long PROBE_NANOS_MIN = Duration.ofMillis(250).toNanos();
  private static final long PROBE_NANOS_MAX = Duration.ofSeconds(10).toNanos();

  private final Line line;
  private final Env env;
  private final Monitor monitor;
  private final Machine machine;
  private final String key;
  private final long suspectNanos;

  /** Guarded by the monitor. */
  private final long[] distrustedUntil = new long[PLACES];

  private Outcome found = Outcome.ALONE;
  private @Nullable Follower probe;
  private long nextProbeNanos;
  private long probePauseNanos;

  /** This process leads, or follows, or neither: then it commits alone. */
  record Outcome(@Nullable Leader leader, @Nullable Follower follower) {
    static final Outcome ALONE = new Outcome(null, null);
  }

  Election(Line line, Machine machine, String key, long suspectNanos) {
    this.line = line;
    this.env = line.env();
    this.monitor = line.monitor();
    this.machine = machine;
    this.key = key;
    this.suspectNanos = suspectNanos;
  }

  Outcome elect() {
    found = Outcome.ALONE;
    try {
      for (int place = 0; place < PLACES && machine.isThere(); place++) {
        boolean isFound =
            isDistrusted(place)
                ? tryFollow(place, DOUBT_WAIT_NANOS)
                : tryFollow(place, suspectNanos) || tryLead(place) || awaitHolder(place);
        if (isFound) {
          break;
        }
      }
    } catch (IOException e) {
      LOG.debug("Nothing is shared with other processes at {}", line.storage().location(), e);
    }
    return found;
  }

  private boolean isDistrusted(int place) {
    monitor.lock();
    try {
      return distrustedUntil[place] != 0 && env.nanoTime() - distrustedUntil[place] < 0;
    } finally {
      monitor.unlock();
    }
  }

  /**
   * @param nanos how long to wait for an answer
   */
  private boolean tryFollow(int place, long nanos) throws IOException {
    Follower candidate = new Follower(line, place);
    Wire wire = machine.connect(key, place, candidate);
    if (wire == null) {
      return false;
    }
    candidate.hello(wire, line.committer().newestOrGone().metadata().tableUuid());
    monitor.lock();
    try {
      long end = env.nanoTime() + nanos;
      while (candidate.isUndecided() && env.nanoTime() - end < 0) {
        monitor.awaitUninterruptibly(end - env.nanoTime());
      }
      if (candidate.isWelcome()) {
        distrustedUntil[place] = 0;
        found = new Outcome(null, candidate);
        return true;
      }
      if (candidate.isUndecided() || candidate.isRefused()) {
        distrust(place);
      }
    } finally {
      monitor.unlock();
    }
    wire.close();
    return false;
  }

  /** The caller holds the monitor. */
  void distrust(int place) {
    distrustedUntil[place] = env.nanoTime() + DISTRUST_NANOS;
  }

  private boolean tryLead(int place) throws IOException {
    if (isDistrusted(place)) {
      return false;
    }
    Machine.Seat seat = machine.trySeat(key, place);
    if (seat == null) {
      return false;
    }
    Leader leading = new Leader(line, seat, place);
    try {
      seat.listen(leading);
    } catch (IOException | RuntimeException e) {
      seat.close();
      throw e;
    }
    found = new Outcome(leading, null);
    probe = null;
    probePauseNanos = PROBE_NANOS_MIN;
    nextProbeNanos = env.nanoTime() + probePauseNanos;
    return true;
  }

  /** Somebody has the seat and does not listen: he begins or ends. */
  private boolean awaitHolder(int place) throws IOException {
    long end = env.nanoTime() + SEAT_WAIT_NANOS;
    for (long pause = 500_000; env.nanoTime() - end < 0; pause = Math.min(2 * pause, 8_000_000)) {
      if (isDistrusted(place)) {
        return false;
      }
      try {
        env.sleep(Duration.ofNanos(pause / 2 + env.randomBelow(pause)));
      } catch (InterruptedException e) {
        return false; // nobody interrupts this thread; alone is right anyway
      }
      if (tryFollow(place, suspectNanos) || tryLead(place)) {
        return true;
      }
    }
    monitor.lock();
    try {
      distrustedUntil[place] = env.nanoTime() + NOT_YET_NANOS;
    } finally {
      monitor.unlock();
    }
    return false;
  }

  /** Asks now and then who has the first seat; the answer is looked at when we come by again. */
  boolean firstSeatIsBetter() {
    long now = env.nanoTime();
    Follower asked = probe;
    if (asked == null) {
      if (now - nextProbeNanos < 0) {
        return false;
      }
      nextProbeNanos = now + probePauseNanos;
      probePauseNanos = Math.min(2 * probePauseNanos, PROBE_NANOS_MAX);
      return askOrFindFree();
    }
    monitor.lock();
    try {
      if (asked.isUndecided() && now - nextProbeNanos < 0) {
        return false;
      }
      probe = null;
      closeWire(asked);
      if (asked.isWelcome()) {
        distrustedUntil[0] = 0;
        return true;
      }
      return false;
    } finally {
      monitor.unlock();
    }
  }

  private boolean askOrFindFree() {
    try {
      Follower candidate = new Follower(line, 0);
      Wire wire = machine.connect(key, 0, candidate);
      if (wire != null) {
        candidate.hello(wire, line.committer().knownUuid());
        probe = candidate;
        return false;
      }
      Machine.Seat free = machine.trySeat(key, 0);
      if (free != null) {
        free.close();
        return true;
      }
    } catch (IOException e) {
      LOG.debug("Cannot ask for the first seat of {}", line.storage().location(), e);
    }
    return false;
  }

  private static void closeWire(Follower which) {
    which.wire().close();
  }
}
