package io.datashard.internal.commit;

/**
 * What a committer of a remote table knows of others that commit to it: whether it may begin with
 * the version that it knows, without asking for the newest one.
 */
final class Rivals {
  private static final int QUIET_MAX = 16;

  private long lastWinNanos;

  /** Versions of our own since the last one of others. */
  private int quiet;

  /** So many of those make it likely that the next one is ours too. */
  private int quietNeeded = 1;

  /**
   * Whether the newest version known is most likely the newest one: nobody else commits, or nobody
   * else can have done so yet since we did.
   *
   * @param attemptNanos what an attempt takes
   */
  synchronized boolean mayGuess(long nowNanos, long attemptNanos) {
    boolean isNext = quiet > 0 && nowNanos - lastWinNanos < attemptNanos / 4;
    return isNext || quiet >= quietNeeded;
  }

  /** Somebody else's version was seen, or may be there. */
  synchronized void seen() {
    quiet = 0;
  }

  /** A version was created. */
  synchronized void won(long nowNanos) {
    quiet++;
    lastWinNanos = nowNanos;
    if (quiet >= 2 * quietNeeded) {
      quietNeeded = Math.max(1, quietNeeded / 2);
    }
  }

  /** An attempt lost that began with a version that was not asked for. */
  synchronized void guessedWrong() {
    quietNeeded = Math.min(QUIET_MAX, quietNeeded * 4);
  }
}
