package io.datashard.internal.log;

import io.datashard.storage.Storage;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Deletes versions that are old by count and by age, in steps: first the floor is raised, then the
 * names below it go, the oldest first. Whoever commits cleans a little; many may at once.
 */
final class Cleaner {
  private static final int STEP_MAX = 64;
  private static final int DELETES_MAX = 256;

  private final Storage storage;
  private final Floor floor;
  private final AtomicBoolean busy = new AtomicBoolean();

  /** A floor that is durable: what only versions below it reach may go. */
  private volatile long durableFloor;

  // All of this is for who is busy.
  private final Deque<Long> doomed = new ArrayDeque<>();
  private long doomedTo = 1;
  private long lookAgainAt;

  Cleaner(Storage storage, Floor floor) {
    this.storage = storage;
    this.floor = floor;
  }

  /**
   * Cleans a step, if there is one to clean.
   *
   * @param newest a version that was won
   * @param kept which versions do not go
   * @param look whether to look even if hardly anything was committed since the last look
   * @return whether more is to be cleaned before anything else is committed
   * @throws RuntimeException the store refused; what is left is cleaned another time
   */
  boolean clean(long newest, Retention kept, boolean look) {
    if (!busy.compareAndSet(false, true)) {
      return false;
    }
    try {
      if (newest < lookAgainAt && !look && doomed.isEmpty()) {
        return false;
      }
      long step = Math.min(STEP_MAX, kept.versionsMin());
      lookAgainAt = newest + step;
      long below = Math.max(1, floor.read());
      long limit = newest - kept.versionsMin() + 1;
      if (limit - below >= step) {
        below = raise(below, step, limit, newest, kept.millisMin());
      }
      long crowd = newest - kept.versionsMax() + 1;
      if (crowd - below >= step && kept.millisMin() > Retention.CROWD_MILLIS) {
        below = raise(below, step, crowd, newest, Retention.CROWD_MILLIS);
      }
      delete(below);
      // What is too young beside the newest version stays so until there is a newer one.
      return !doomed.isEmpty();
    } finally {
      busy.set(false);
    }
  }

  /** A floor that is durable, as far as this cleaner has seen to it; 0 if it has not yet. */
  long durableFloor() {
    return durableFloor;
  }

  private long raise(long from, long step, long limit, long newest, long millisMin) {
    long now =
        storage.find(VersionNames.keyOf(newest)).map(Storage.Listed::modifiedMillis).orElse(0L);
    long old = from;
    long young = limit + 1;
    // Most often only a step is old enough, or everything.
    for (long asked = from + step; old + 1 < young; asked = (old + young + 1) / 2) {
      if (isThereSince(asked, now - millisMin)) {
        old = asked;
      } else if (asked == from + step) {
        return from;
      } else {
        young = asked;
      }
    }
    floor.raise(old);
    durableFloor = old;
    return old;
  }

  private boolean isThereSince(long number, long millis) {
    return storage
        .find(VersionNames.keyOf(number))
        .filter(found -> found.modifiedMillis() <= millis)
        .isPresent();
  }

  private void delete(long below) {
    if (doomed.isEmpty() && doomedTo < below) {
      doom(below);
    }
    if (!doomed.isEmpty() && durableFloor < below) {
      floor.makeDurable(below); // somebody else raised it
      durableFloor = below;
    }
    for (int i = 0; i < DELETES_MAX && !doomed.isEmpty(); i++) {
      storage.delete(VersionNames.keyOf(doomed.element()));
      doomed.remove();
    }
  }

  private void doom(long below) {
    if (below - doomedTo <= DELETES_MAX) {
      for (long number = doomedTo; number < below; number++) {
        doomed.add(number);
      }
    } else {
      storage.names(VersionNames.FOLDER, "v").stream()
          .map(VersionNames::numberOf)
          .filter(number -> number > 0 && number < below)
          .sorted()
          .forEach(doomed::add);
    }
    doomedTo = below;
  }
}
