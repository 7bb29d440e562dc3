package io.datashard.promise.simulation;

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

  final List<Integer> ids;
  final String by;
  Answer answer = Answer.UNKNOWN;
  @Nullable Committed committed;
  String words = "";

  Sent(String by, List<Integer> ids) {
    this.by = by;
    this.ids = ids;
  }

  void committed(Committed as) {
    answer = Answer.COMMITTED;
    committed = as;
    words = "version " + as.version() + ", snapshot " + as.snapshotId();
  }

  void refused(Throwable error) {
    answer = Answer.REFUSED;
    words = String.valueOf(error.getMessage());
  }

  void unknown(Throwable error) {
    words = String.valueOf(error.getMessage());
  }

  @Override
  public String toString() {
    return "rows " + ids + " by " + by + " (" + answer + ": " + words + ")";
  }
}
