package io.datashard.testkit.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The last events of a run, in words. */
public final class Trace {
  private final int linesMax;
  private final Deque<String> lines = new ArrayDeque<>();
  private long hash = 17;

  /** Keeps so many events. */
  public Trace(int linesMax) {
    this.linesMax = linesMax;
  }

  void add(long nanos, @Nullable Actor actor, String what, Object about) {
    String line =
        String.format(
            Locale.ROOT,
            "%13.3f ms  %-24s %s %s",
            nanos / 1e6,
            actor == null ? "-" : actor,
            what,
            about);
    hash = hash * 31 + line.hashCode();
    lines.add(line);
    if (lines.size() > linesMax) {
      lines.remove();
    }
  }

  /** The events, oldest first. */
  public List<String> lines() {
    return List.copyOf(lines);
  }

  /** The same for two runs in which the same happened. */
  public long hash() {
    return hash;
  }
}
