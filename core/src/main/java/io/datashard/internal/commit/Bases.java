package io.datashard.internal.commit;

import java.time.Duration;

/**
 * Which version each attempt of one round begins with. A look at the newest one is cheap in a
 * folder; in a remote store it is a round trip, and saved where it would hardly tell anything new.
 * A wrong guess costs a lost attempt and changes nothing else: only the next number can be created.
 */
final class Bases {
  private final Committer committer;
  private final boolean isRemote;
  private boolean isGuess;

  Bases(Committer committer) {
    this.committer = committer;
    this.isRemote = committer.storage().isRemote();
  }

  /**
   * The version that the first attempt begins with.
   *
   * @throws InterruptedException the thread was interrupted while it let others go first
   */
  Head first() throws InterruptedException {
    if (!isRemote) {
      return committer.newestOrGone();
    }
    Rivals rivals = committer.rivals();
    long now = committer.env().nanoTime();
    long attemptNanos = committer.quickAttemptNanos();
    long pauseNanos = rivals.pauseNanos(now, attemptNanos);
    if (pauseNanos > 0) {
      return afterPause(pauseNanos, attemptNanos);
    }
    isGuess = rivals.mayGuess(now, attemptNanos);
    return isGuess ? committer.newestKnown() : committer.newestOrGone();
  }

  /** Lets others commit, as long as they do. */
  private Head afterPause(long nanosMax, long attemptNanos) throws InterruptedException {
    long before = committer.knownHead().version().number();
    long seen = before;
    long left = nanosMax;
    long next = Rivals.firstLookNanos(attemptNanos);
    while (true) {
      long nanos = Math.min(left, next);
      committer.env().sleep(Duration.ofNanos(nanos));
      Head newest = committer.newestOrGone();
      long number = newest.version().number();
      left -= nanos;
      if (left <= 0 || !Rivals.areUsing(number - seen, nanos, attemptNanos)) {
        committer.rivals().paused(number > before);
        return newest;
      }
      seen = number;
      next = 2 * nanos;
    }
  }

  /** The version that the next attempt begins with, after one that lost. */
  Head next() {
    if (!isGuess) {
      return committer.newestOrGone();
    }
    isGuess = false;
    committer.rivals().guessedWrong();
    // Whose version came first was read to see whose it is; hardly anybody else commits.
    return committer.newestKnown();
  }
}
