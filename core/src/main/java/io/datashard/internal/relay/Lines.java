package io.datashard.internal.relay;

import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Storage;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The lines of one process: one for each table, however many handles are open. */
public final class Lines {
  private final Env env;
  private final Monitor monitor;
  private final Map<String, Entry> open = new HashMap<>();

  private static final class Entry {
    final Line line;
    int handles;

    Entry(Line line) {
      this.line = line;
    }
  }

  private Lines(Env env) {
    this.env = env;
    this.monitor = env.monitor();
  }

  /** Those of this process. */
  public static Lines of(Env env) {
    return env.shared(Lines.class, () -> new Lines(env));
  }

  /** A handle's share in a line. */
  public final class Share implements AutoCloseable {
    private final Line line;
    private final @Nullable String key;

    private Share(Line line, @Nullable String key) {
      this.line = line;
      this.key = key;
      line.enter();
    }

    /** The line. */
    public Line line() {
      return line;
    }

    /** Ends the share; call it once. */
    @Override
    public void close() {
      line.leave();
      if (key != null) {
        monitor.lock();
        try {
          Entry entry = open.get(key);
          if (entry != null && --entry.handles == 0) {
            open.remove(key);
          }
        } finally {
          monitor.unlock();
        }
      }
    }
  }

  /**
   * A share in the line of this table.
   *
   * @param committer of the handle that asks: the line's own if it is the first
   */
  public Share share(Storage storage, Committer committer) {
    if (storage.machineKey().isEmpty()) {
      return new Share(lineOf(storage, committer, ""), null);
    }
    // With the uuid, because the folder of a table made anew may get the identity of the old one.
    // With the level, because nobody may take files into a commit that asks for more than they got.
    String key =
        storage.machineKey() + " " + committer.knownUuid() + " " + committer.durability().text();
    monitor.lock();
    try {
      Entry entry = open.computeIfAbsent(key, absent -> new Entry(lineOf(storage, committer, key)));
      entry.handles++;
      return new Share(entry.line, key);
    } finally {
      monitor.unlock();
    }
  }

  private Line lineOf(Storage storage, Committer committer, String key) {
    long silenceMillis =
        TableProperties.silenceMillisMax(committer.newestOrGone().metadata().properties());
    return new Line(storage, env, committer, key, Duration.ofMillis(silenceMillis).toNanos());
  }
}
