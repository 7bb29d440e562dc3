package io.datashard.interop;

import io.datashard.schema.Schema;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What a reader saw: how many rows, their digest, and on demand the rows themselves.
 *
 * @param rows how many
 * @param digest see {@link RowDigest}
 * @param lines the rows as {@link RowText}; only asked for when digests differ
 */
record Answer(long rows, String digest, Supplier<List<String>> lines) {
  private static final int SHOWN_MAX = 5;

  static Answer of(List<String> lines) {
    RowDigest digest = new RowDigest();
    lines.forEach(digest::add);
    return new Answer(digest.rows(), digest.hex(), () -> lines);
  }

  boolean agreesWith(Answer other) {
    return rows == other.rows && digest.equals(other.digest);
  }

  /** Fails unless both saw the same rows, as often, in whatever order. */
  static void requireSame(String where, Schema schema, Answer ours, Answer theirs) {
    if (!ours.agreesWith(theirs)) {
      throw new AssertionError(where + "\n" + difference(schema, ours, theirs));
    }
  }

  static String difference(Schema schema, Answer ours, Answer theirs) {
    Map<String, Integer> surplus = new HashMap<>();
    ours.lines.get().forEach(line -> surplus.merge(line, 1, Integer::sum));
    theirs.lines.get().forEach(line -> surplus.merge(line, -1, Integer::sum));
    return "we read "
        + ours.rows
        + " rows, they "
        + theirs.rows
        + "\n"
        + side("only we", schema, surplus, 1)
        + side("only they", schema, surplus, -1);
  }

  private static String side(String who, Schema schema, Map<String, Integer> surplus, int sign) {
    List<String> lines =
        surplus.entrySet().stream()
            .filter(e -> Integer.signum(e.getValue()) == sign)
            .map(e -> "  " + Math.abs(e.getValue()) + " x " + RowText.shown(schema, e.getKey()))
            .sorted()
            .toList();
    return who
        + ": "
        + lines.size()
        + " distinct rows\n"
        + String.join("\n", lines.subList(0, Math.min(SHOWN_MAX, lines.size())))
        + "\n";
  }
}
