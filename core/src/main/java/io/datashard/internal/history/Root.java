package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The segments of an archive, oldest first: a line that names the format, then a line for each. */
record Root(List<Segment> segments) {
  static final Root EMPTY = new Root(List.of());

  private static final String FORMAT = "datashard-history 1";

  Root {
    segments = List.copyOf(segments);
  }

  long snapshots() {
    return segments.stream().mapToLong(segment -> segment.extent().snapshots()).sum();
  }

  byte[] bytes() {
    StringBuilder text = new StringBuilder(FORMAT).append('\n');
    segments.forEach(segment -> segment.write(text));
    return text.toString().getBytes(StandardCharsets.US_ASCII);
  }

  static Root read(byte[] bytes, String name) {
    String[] lines = new String(bytes, StandardCharsets.US_ASCII).split("\n", -1);
    if (!lines[0].equals(FORMAT) || !lines[lines.length - 1].isEmpty()) {
      throw new CorruptTableException(
          name
              + " is no list of archived snapshots that this version reads: it begins with '"
              + lines[0].substring(0, Math.min(40, lines[0].length()))
              + "' instead of '"
              + FORMAT
              + "'. If a newer DataShard wrote it, use that one.");
    }
    List<Segment> segments = new ArrayList<>();
    try {
      for (int i = 1; i < lines.length - 1; i++) {
        segments.add(Segment.read(lines[i]));
      }
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(name + ": " + e.getMessage() + ".", e);
    }
    return new Root(segments);
  }
}
