package io.datashard.internal.relay;

import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.table.Committed;
import java.time.Duration;

/** A caller's wait: how long it may take, and what to say when it ends early. */
final class Waiting {
  private static final long CANCEL_WAIT_NANOS = Duration.ofSeconds(1).toNanos();

  private final Line line;
  private final Env env;
  private final long end;

  /**
   * @param withinNanos how long it may take from now; {@link Long#MAX_VALUE} if as long as it takes
   */
  Waiting(Line line, long withinNanos) {
    this.line = line;
    this.env = line.env();
    this.end = withinNanos == Long.MAX_VALUE ? Long.MAX_VALUE : env.nanoTime() + withinNanos;
  }

  /** The time left, not above 0 if it is over; {@link Long#MAX_VALUE} if there is no end. */
  long nanosLeft() {
    return end == Long.MAX_VALUE ? Long.MAX_VALUE : end - env.nanoTime();
  }

  /**
   * Waits for the end of a request.
   *
   * @throws OutcomeUnknownException it may be in the table now or later
   * @throws io.datashard.error.DataShardException it is not in the table and will not be
   */
  Committed await(Request request) {
    boolean interrupted = false;
    try {
      while (true) {
        long left = nanosLeft();
        if (left <= 0) {
          return late(request);
        }
        Committed done;
        try {
          done = interrupted ? request.awaitUninterruptibly(left) : request.await(left);
        } catch (InterruptedException e) {
          interrupted = true;
          if (line.takeBack(request)) {
            throw interrupted(e);
          }
          continue; // it is under way: only its end tells the truth
        }
        if (done != null) {
          return done;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private Committed late(Request request) {
    if (line.takeBack(request)) {
      throw tooLate();
    }
    long last = env.nanoTime() + CANCEL_WAIT_NANOS;
    for (long left = CANCEL_WAIT_NANOS; left > 0; left = last - env.nanoTime()) {
      Committed done = request.awaitUninterruptibly(left);
      if (done != null) {
        return done;
      }
    }
    throw new OutcomeUnknownException(
        "The append to "
            + line.storage().location()
            + " was not answered in the time given and can no longer be taken back. Look whether"
            + " it is there before appending again.");
  }

  /** Nobody took it in time. */
  StorageException tooLate() {
    return new StorageException(
        "Not committed to "
            + line.storage().location()
            + " in the time given. Nothing was changed; try again, or give more time.");
  }

  /** The caller's thread was interrupted before anybody took it. */
  StorageException interrupted(InterruptedException cause) {
    return new StorageException(
        "Not committed to "
            + line.storage().location()
            + ": the thread was interrupted while it waited. Nothing was changed.",
        cause);
  }
}
