package io.datashard.internal.log;

/**
 * Which versions are kept though newer ones have come.
 *
 * @param versionsMin the newest so many, however old; at least 2
 * @param versionsMax what is more than so many is kept for {@link #CROWD_MILLIS} only, at least
 *     {@code versionsMin}
 * @param millisMin each so long after the next one came, by the store's clock
 */
public record Retention(long versionsMin, long versionsMax, long millisMin) {
  /** Long enough for a reader to open the version that the hint named a moment ago. */
  static final long CROWD_MILLIS = 10_000;

  public Retention {
    if (versionsMin < 2 || millisMin < 0) {
      throw new IllegalArgumentException(versionsMin + " versions, " + millisMin + " ms");
    }
    versionsMax = Math.max(versionsMin, versionsMax);
  }

  /** For a remote store: nothing is freed sooner than writers go by who do not ask. */
  public static Retention remote(long versionsMin, long millisMin) {
    return new Retention(
        versionsMin, Long.MAX_VALUE, Math.max(millisMin, StoreTime.FREED_AFTER_MILLIS));
  }
}
