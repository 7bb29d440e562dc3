package io.datashard.internal.commit;

import io.datashard.internal.env.Env;
import java.time.Duration;

/**
 * How long a writer that lost a race waits before it tries again.
 *
 * <p>Rivals that lost together must not come back together, so the pause is drawn at random from a
 * window. The window is measured in attempts of this very writer, because only an attempt's length
 * tells how long the store takes; it grows with the first losses and shrinks with the later ones,
 * so that whoever waited longest asks most often and nobody starves.
 */
final class Backoff {
  private static final int LOSSES_OF_WIDEST_WINDOW = 3;
  private static final long NANOS_MAX = Duration.ofSeconds(2).toNanos();

  private final Env env;
  private int losses;

  Backoff(Env env) {
    this.env = env;
  }

  /** An attempt was lost. */
  void lost() {
    losses++;
  }

  /** Waits after a lost attempt that took this long. */
  void pause(long attemptNanos) throws InterruptedException {
    int attempts =
        losses <= LOSSES_OF_WIDEST_WINDOW
            ? losses
            : Math.max(1, 2 * LOSSES_OF_WIDEST_WINDOW - losses);
    long window = Math.min(NANOS_MAX, Math.max(1, attemptNanos) * attempts);
    env.sleep(Duration.ofNanos(env.randomBelow(window)));
  }

  /** Races lost so far. */
  int losses() {
    return losses;
  }
}
