package io.datashard.testkit.story;

import io.datashard.internal.ledger.Once;
import io.datashard.table.Committed;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One append that somebody asked for, and what he was told. */
final class Sent {
  /** What he was told. */
  enum Answer {
    /** Nothing, because the process died, or that nobody knows. */
    UNKNOWN,
    COMMITTED,
    REFUSED
  }

  final String by;
  final List<Integer> ids;

  /** When it was asked for, virtual nanoseconds. */
  final long since;

  /** How long it may take; {@link Long#MAX_VALUE} if as long as it takes. */
  final long withinNanos;

  /** When he was told; {@link Long#MAX_VALUE} if never. */
  long told = Long.MAX_VALUE;

  Answer answer = Answer.UNKNOWN;
  @Nullable Committed committed;
  String words = "";

  /** What the rows are known by, however often they are sent; null if they are sent once. */
  final @Nullable Once once;

  Sent(String by, List<Integer> ids, @Nullable Once once, long since, long withinNanos) {
    this.by = by;
    this.once = once;
    this.ids = List.copyOf(ids);
    this.since = since;
    this.withinNanos = withinNanos;
  }

  void committed(Committed as, long now) {
    answer = Answer.COMMITTED;
    committed = as;
    told = now;
    words = "version " + as.version() + ", snapshot " + as.snapshot() + ", " + as.outcome();
  }

  void refused(Throwable error, long now) {
    answer = Answer.REFUSED;
    told = now;
    words = String.valueOf(error.getMessage());
  }

  void unknown(Throwable error, long now) {
    told = now;
    words = String.valueOf(error.getMessage());
  }

  @Override
  public String toString() {
    return "rows " + ids + " of " + by + " (" + answer + ": " + words + ")";
  }
}
