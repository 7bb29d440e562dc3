package io.datashard.internal.commit;

/**
 * What a committer of a remote table knows of others that commit to it: whether it may begin with
 * the version that it knows, and when to let them go first.
 *
 * <p>In a remote store winning costs two round trips and losing four, so who has won wins again,
 * for ever. A committer that never loses sees nothing of those who do; therefore it pauses now and
 * then, after a few wins in a row, and rarely as long as nobody uses the pause. The shortest
 * distance lets several machines take turns; the longest costs a lone one some per cent.
 */
final class Rivals {
  private static final int WINS_MIN = 3;
  private static final int WINS_MAX = 24;

  /** Losing costs as much as two attempts. */
  private static final int PAUSE_ATTEMPTS = 2;

  private static final int QUIET_MAX = 16;

  /** Won since others had their time. */
  private int wins;

  /** So many are won before the next pause. */
  private int winsMax = WINS_MIN;

  private long lastWinNanos;

  /** Versions of our own since the last one of others. */
  private int quiet;

  /** So many of those make it likely that the next one is ours too. */
  private int quietNeeded = 1;

  /** Whether the newest version known is most likely the newest one. */
  synchronized boolean mayGuess() {
    return quiet >= quietNeeded;
  }

  /** Somebody else's version was seen. */
  synchronized void seen() {
    quiet = 0;
    wins = 0;
    winsMax = WINS_MIN;
  }

  /** A version was created. */
  synchronized void won(long nowNanos) {
    wins++;
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

  /**
   * How long to wait before the next round; 0 mostly.
   *
   * @param attemptNanos what an attempt takes; where nothing was committed for as long, others had
   *     their time
   */
  synchronized long pauseNanos(long nowNanos, long attemptNanos) {
    if (nowNanos - lastWinNanos > attemptNanos) {
      wins = 0;
    }
    return wins < winsMax ? 0 : PAUSE_ATTEMPTS * attemptNanos;
  }

  /**
   * The pause is over.
   *
   * @param used whether others committed in it
   */
  synchronized void paused(boolean used) {
    wins = 0;
    winsMax = used ? WINS_MIN : Math.min(WINS_MAX, winsMax * 2);
  }
}
