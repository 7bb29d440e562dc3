package io.datashard.internal.commit;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The clean-ups of orphan files that went over a table lately, as its newest version tells (I7).
 *
 * <p>A clean-up begins with a version of its own, the fence, and then deletes what no version
 * reaches and is older than its grace. Whoever was about to commit loses to the fence, and finds in
 * it from when on files are safe: half the grace before the fence, by the store's clock. What he
 * wrote before that he must not name. Whoever read the fence, or a later version, before he wrote
 * his files need not look: they are younger than the fence.
 *
 * <p>The clock of no writer plays a part: the fence's time and the files' times are the store's.
 */
public final class Fences {
  /** More are merged from the oldest on, which only makes them stricter. */
  private static final int KEPT_MAX = 4;

  private static final Pattern FENCE = Pattern.compile("([1-9][0-9]{0,17})@(-?[0-9]{1,18})");

  private final List<Fence> fences;

  /** One: its version, and from when on files are safe from its clean-up. */
  private record Fence(long version, long keptSinceMillis) {}

  private Fences(List<Fence> fences) {
    this.fences = List.copyOf(fences);
  }

  /**
   * Those of this version of a table.
   *
   * @throws CorruptTableException its property says nothing that can be read
   */
  static Fences of(TableMetadata metadata) {
    String text = metadata.properties().getOrDefault(TableProperties.FENCES, "");
    List<Fence> all = new ArrayList<>();
    for (String word : text.isEmpty() ? new String[0] : text.split(" ", -1)) {
      Matcher matcher = FENCE.matcher(word);
      if (!matcher.matches()) {
        throw new CorruptTableException(
            "The property "
                + TableProperties.FENCES
                + " of table "
                + metadata.location()
                + ", which tells of clean-ups, is '"
                + text
                + "', and '"
                + word
                + "' in it is no version with a time. Set it as an earlier metadata file has it.");
      }
      all.add(new Fence(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))));
    }
    return new Fences(all);
  }

  /** These and one more. */
  Fences with(long version, long keptSinceMillis) {
    List<Fence> all = new ArrayList<>(fences);
    all.add(new Fence(version, keptSinceMillis));
    while (all.size() > KEPT_MAX) {
      Fence first = all.remove(0);
      Fence second = all.remove(0);
      all.add(
          0,
          new Fence(
              Math.max(first.version(), second.version()),
              Math.max(first.keptSinceMillis(), second.keptSinceMillis())));
    }
    return new Fences(all);
  }

  /** The number of the latest; 0 if there is none. */
  long newest() {
    return fences.stream().mapToLong(Fence::version).max().orElse(0);
  }

  /**
   * Refuses files that a clean-up may take for orphans, or has taken already.
   *
   * @param since the number of a version that was read before the first of them was written
   * @throws ConflictException one of them is older than half the grace of a later clean-up
   */
  void requireYoung(Storage storage, TableMetadata metadata, List<DataFile> files, long since) {
    long keptSince = Long.MIN_VALUE;
    for (Fence fence : fences) {
      if (fence.version() > since) {
        keptSince = Math.max(keptSince, fence.keptSinceMillis());
      }
    }
    if (keptSince == Long.MIN_VALUE) {
      return;
    }
    for (DataFile file : files) {
      List<String> locations = List.of(metadata.location(), storage.location());
      String key = Locations.keyOf(file.location(), locations, "this append");
      // A request may take effect late, or twice: that the file is there and young says that no
      // clean-up saw it older than its grace.
      Long modified = storage.find(key).map(Storage.Listed::modifiedMillis).orElse(null);
      if (modified == null || modified < keptSince) {
        throw new ConflictException(
            "Not committed to "
                + storage.location()
                + ": "
                + file.location()
                + (modified == null
                    ? " is gone"
                    : " was written at " + Instant.ofEpochMilli(modified))
                + ", and a clean-up of orphan files went over the table meanwhile, which lets live"
                + " only what is no older than "
                + Instant.ofEpochMilli(keptSince)
                + ". The append took too long for it. Nothing was committed; make the append"
                + " again, or let clean-ups leave files alone for longer.");
      }
    }
  }

  /** As the property has it. */
  @Override
  public String toString() {
    return fences.stream()
        .map(fence -> fence.version() + "@" + fence.keptSinceMillis())
        .collect(Collectors.joining(" "));
  }
}
