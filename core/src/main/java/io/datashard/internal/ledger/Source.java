package io.datashard.internal.ledger;

import io.datashard.internal.metadata.Words;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one source. Immutable.
 *
 * @param numbers those that are in the table, from {@code known} on
 * @param known below it nobody knows any more
 * @param lastUsedMillis when a number was committed last, by the time of the commit
 * @param recent which commits the latest of them came with, newest last
 */
record Source(Numbers numbers, long known, long lastUsedMillis, List<Recent> recent) {
  static final Source NEW = new Source(Numbers.NONE, 0, 0, List.of());

  /** More pieces than this are not kept of one source. */
  static final int RANGES_MAX = 1_000;

  /** So many commits are remembered of one source at most. */
  static final int RECENT_MAX = 64;

  /** The numbers from {@code first} to {@code last} came with this commit. */
  record Recent(long first, long last, long snapshotId, long version) {}

  Source {
    recent = List.copyOf(recent);
  }

  Source with(Numbers added, long snapshotId, long version, long millis) {
    List<Recent> commits = new ArrayList<>(recent);
    for (int i = 0; i < added.ranges(); i++) {
      commits.add(new Recent(added.first(i), added.last(i), snapshotId, version));
    }
    return new Source(numbers.with(added), known, Math.max(lastUsedMillis, millis), commits)
        .within(RANGES_MAX, RECENT_MAX);
  }

  /**
   * The same with less detail: of too many pieces the lowest are forgotten, and nobody knows then
   * what is in the table up to their end.
   */
  Source within(int rangesMax, int recentMax) {
    int tooMany = Math.max(0, numbers.ranges() - rangesMax);
    return tooMany == 0 && recent.size() <= recentMax
        ? this
        : new Source(
            numbers.withoutLowest(tooMany),
            tooMany == 0 ? known : numbers.last(tooMany - 1) + 1,
            lastUsedMillis,
            recent.subList(Math.max(0, recent.size() - recentMax), recent.size()));
  }

  /** The commit that a number came with, if it is remembered. */
  @Nullable Recent commitOf(long number) {
    for (Recent commit : recent) {
      if (commit.first() <= number && number <= commit.last()) {
        return commit;
      }
    }
    return null;
  }

  void write(String name, StringBuilder out) {
    SourceWords.escape(name, out);
    out.append(' ').append(known).append(' ').append(lastUsedMillis).append(' ');
    numbers.write(out);
    for (Recent commit : recent) {
      out.append(' ').append(commit.first()).append(' ').append(commit.last());
      out.append(' ').append(commit.snapshotId()).append(' ').append(commit.version());
    }
    out.append('\n');
  }

  /** Reads a line after its name. */
  static Source read(Words words) {
    long known = SourceWords.count(words);
    long lastUsedMillis = SourceWords.count(words);
    Numbers numbers = Numbers.read(words.next());
    List<Recent> recent = new ArrayList<>();
    while (words.hasMore()) {
      recent.add(
          new Recent(
              SourceWords.count(words),
              SourceWords.count(words),
              SourceWords.count(words),
              SourceWords.count(words)));
    }
    return new Source(numbers, known, lastUsedMillis, recent);
  }
}
