package io.datashard.internal.commit;

import io.datashard.schema.Schema;
import io.datashard.storage.NewFile;
import io.datashard.table.DataFile;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one commit does to whatever version is the newest.
 *
 * @param added data files that become live, in order
 * @param pending those of their files that are not as durable yet as the table asks for; the commit
 *     makes them so
 * @param absent how the locations of files start that must not be live already: the same file twice
 *     would be its rows twice
 * @param removed locations of live data files that stop being live; each must still be live when
 *     the commit wins
 * @param propertiesSet table properties to set
 * @param propertiesRemoved table properties to remove
 * @param expected the schema that the data was written with; the newest one must have the same
 *     columns; null if there is no data
 * @param since the number of a version that was the newest one before the first of the added files
 *     was written; 0 if nobody knows when that was. {@link #WRITTEN_ON_DEMAND} if they are written
 *     anew whenever they are asked for, so that nobody need look how old they are
 * @param fence if this change is the fence of a clean-up: how old files of others' commits may be,
 *     see {@link Fences}; null if it is none
 */
public record Change(
    List<DataFile> added,
    List<NewFile> pending,
    Set<String> absent,
    Set<String> removed,
    Map<String, String> propertiesSet,
    Set<String> propertiesRemoved,
    @Nullable Schema expected,
    long since,
    @Nullable Long fence) {

  /** For {@link #since}: nobody has to look how old the files are. */
  public static final long WRITTEN_ON_DEMAND = Long.MAX_VALUE;

  /** Nothing. */
  static final Change NONE =
      new Change(List.of(), List.of(), Set.of(), Set.of(), Map.of(), Set.of(), null);

  /** A change of files of which nobody knows since when they are there. */
  public Change(
      List<DataFile> added,
      List<NewFile> pending,
      Set<String> absent,
      Set<String> removed,
      Map<String, String> propertiesSet,
      Set<String> propertiesRemoved,
      @Nullable Schema expected) {
    this(added, pending, absent, removed, propertiesSet, propertiesRemoved, expected, 0, null);
  }

  /** The fence of a clean-up: a version that changes no data. See {@link Fences}. */
  static Change fence(long keptSinceMillis) {
    return new Change(
        List.of(),
        List.of(),
        Set.of(),
        Set.of(),
        Map.of(),
        Set.of(),
        null,
        WRITTEN_ON_DEMAND,
        keptSinceMillis);
  }

  public Change {
    added = List.copyOf(added);
    pending = List.copyOf(pending);
    absent = Set.copyOf(absent);
    removed = Set.copyOf(removed);
    propertiesSet = Map.copyOf(new LinkedHashMap<>(propertiesSet));
    propertiesRemoved = Set.copyOf(propertiesRemoved);
  }

  /** Whether it makes a snapshot. */
  boolean changesFiles() {
    return !added.isEmpty() || !removed.isEmpty();
  }

  /** The properties after it. */
  Map<String, String> appliedTo(Map<String, String> properties) {
    Map<String, String> after = new LinkedHashMap<>(properties);
    after.putAll(propertiesSet);
    after.keySet().removeAll(propertiesRemoved);
    return after;
  }

  /** Whether it does nothing at all. */
  public boolean isEmpty() {
    return !changesFiles()
        && propertiesSet.isEmpty()
        && propertiesRemoved.isEmpty()
        && fence == null;
  }

  /** The operation of its snapshot. Spec: "Snapshots", operation. */
  String operation() {
    if (removed.isEmpty()) {
      return "append";
    }
    return added.isEmpty() ? "delete" : "overwrite";
  }
}
