package io.datashard.internal.ledger;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one version of a table knows of sources: what is folded into a ledger file, and what came
 * after that. Immutable.
 */
public final class Known {
  /** More sources than this are not known in full at a time. */
  public static final int SOURCES_MAX = 10_000;

  /** Of more than this nobody remembers that they were forgotten. */
  public static final int FORGOTTEN_MAX = 100_000;

  static final Known NOTHING = new Known(Folded.EMPTY, "", 0, 0, "", Map.of());

  final Folded folded;

  /** The ledger's file, its length and checksum; "" if there is none. */
  final String file;

  final int length;
  final int checksum;

  /** What came since, as headers tell: a line for each commit. */
  final String unfolded;

  /** The sources that were used since. */
  private final Map<String, Source> touched;

  private final int sources;

  private Known(
      Folded folded,
      String file,
      int length,
      int checksum,
      String unfolded,
      Map<String, Source> touched) {
    this.folded = folded;
    this.file = file;
    this.length = length;
    this.checksum = checksum;
    this.unfolded = unfolded;
    this.touched = touched;
    int count = folded.sources.size();
    for (String source : touched.keySet()) {
      count += folded.sources.containsKey(source) ? 0 : 1;
    }
    this.sources = count;
  }

  /** What a ledger file says alone. */
  static Known of(Folded folded, String file, int length, int checksum) {
    return new Known(folded, file, length, checksum, "", Map.of());
  }

  /**
   * A number that is in the table.
   *
   * @param snapshotId of the snapshot it came with; empty if that is not remembered any more
   * @param version that it came with; 0 if that is not remembered any more
   */
  public record Found(OptionalLong snapshotId, long version) {}

  /** How many sources are known. */
  public int sources() {
    return sources;
  }

  /** How many sources were forgotten to make room. */
  public int forgotten() {
    return folded.forgotten();
  }

  @Nullable Source source(String name) {
    Source latest = touched.get(name);
    return latest == null ? folded.sources.get(name) : latest;
  }

  /** All sources by name; a copy. */
  Map<String, Source> all() {
    Map<String, Source> all = new LinkedHashMap<>(folded.sources);
    all.putAll(touched);
    return all;
  }

  /**
   * This, and what these lines tell, which follow.
   *
   * @throws IllegalArgumentException they tell nothing that can be read
   */
  Known with(String lines) {
    Map<String, Source> after = new LinkedHashMap<>(touched);
    for (String line : lines.split("\n", -1)) {
      apply(Records.read(line), after);
    }
    String all = unfolded.isEmpty() ? lines : unfolded + "\n" + lines;
    return new Known(folded, file, length, checksum, all, after);
  }

  private void apply(Records records, Map<String, Source> after) {
    records
        .added()
        .forEach(
            (name, numbers) -> {
              Source before = after.get(name);
              if (before == null) {
                before = folded.sources.getOrDefault(name, Source.NEW);
              }
              after.put(
                  name,
                  before.with(numbers, records.snapshotId(), records.version(), records.millis()));
            });
  }
}
