package io.datashard.internal.commit;

/**
 * What a committer of a remote table knows of others that commit to it: whether it may begin with
 * the version that it knows, and when to let them go first.
 *
 * <p>In a remote store winning costs two round trips and losing five, so who has won wins again,
 * for ever. A committer that never loses sees nothing of those who do; therefore it pauses now and
 * then, after a few wins in a row, and rarely as long as nobody uses the pause. The shortest
 * distance lets several machines take turns; the longest costs a lone one some per cent.
 *
 * <p>How long it pauses is told by how many others committed lately, as the ids of their snapshots
 * say: about until each of them had its turn, but no longer than they use it. Then few ask for a
 * version at the same time, and hardly anything is sent in vain.
 */
final class Rivals {
  /** Who committed within so long is a rival. */
  static final long MEMORY_MILLIS = 10_000;

  private static final int WINS_MIN = 5;
  private static final int WINS_MAX = 40;

  /** Losing costs as much as two attempts. */
  private static final int PAUSE_ATTEMPTS_MIN = 2;

  /** The turn of another one takes as long as so many attempts: its wins, and coming to them. */
  private static final int TURN_ATTEMPTS = WINS_MIN * 3 / 2;

  private static final int PAUSE_ATTEMPTS_MAX = 120;

  /** After so many attempts of a pause it is looked for the first time whether others use it. */
  private static final int FIRST_LOOK_ATTEMPTS = 4;

  /** Who uses a pause makes a version in so many attempts. */
  private static final int VERSION_ATTEMPTS_MAX = 4;

  private static final int QUIET_MAX = 16;

  /** Won since others had their time. */
  private int wins;

  /** So many are won before the next pause. */
  private int winsMax = WINS_MIN;

  private long lastWinNanos;

  /** How many others committed lately. */
  private int others;

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

  /**
   * Somebody else's version was seen.
   *
   * @param committers how many committed lately, perhaps with this one
   */
  synchronized void seen(int committers) {
    others = Math.max(1, committers - 1);
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
   * How long to wait before the next round at most; 0 mostly.
   *
   * @param attemptNanos what an attempt takes; where nothing was committed for as long, others had
   *     their time
   */
  synchronized long pauseNanos(long nowNanos, long attemptNanos) {
    if (nowNanos - lastWinNanos > attemptNanos) {
      wins = 0;
    }
    int attempts = Math.min(PAUSE_ATTEMPTS_MAX, others * TURN_ATTEMPTS);
    return wins < winsMax ? 0 : Math.max(PAUSE_ATTEMPTS_MIN, attempts) * attemptNanos;
  }

  /** How long to wait for the first time in a pause; each further time twice as long. */
  static long firstLookNanos(long attemptNanos) {
    return FIRST_LOOK_ATTEMPTS * attemptNanos;
  }

  /** Whether others who made so many versions in this part of a pause want more of it. */
  static boolean areUsing(long versions, long nanos, long attemptNanos) {
    return versions * VERSION_ATTEMPTS_MAX * attemptNanos >= nanos;
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
