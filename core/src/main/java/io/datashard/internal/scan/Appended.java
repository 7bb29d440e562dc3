package io.datashard.internal.scan;

import io.datashard.error.UnsupportedTableException;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots between two of one table that appended rows. Snapshots that only replaced files by
 * others with the same rows, or removed rows, appended none. One that overwrote rows cannot be told
 * apart into old and new ones.
 */
public final class Appended {
  private final List<Snapshot> appends;
  private final Snapshot last;
  private final long afterSequence;

  /** Whether every snapshot in between is an append: then the last one has all their files. */
  private final boolean onlyAppends;

  private Appended(List<Snapshot> appends, Snapshot last, long afterSequence, boolean onlyAppends) {
    this.appends = appends;
    this.last = last;
    this.afterSequence = afterSequence;
    this.onlyAppends = onlyAppends;
  }

  /**
   * Looks through the ancestors of a snapshot.
   *
   * @param after where they begin, without itself; null for the first one of all
   * @param last where they end
   * @param later the table's snapshots after {@code after}, by sequence number
   * @param location the table's, for messages
   * @throws IllegalArgumentException {@code after} is no ancestor of {@code last}, or others in
   *     between are gone
   * @throws UnsupportedTableException a snapshot in between overwrote rows
   */
  public static Appended between(
      @Nullable Snapshot after, Snapshot last, Iterator<Snapshot> later, String location) {
    Map<Long, Snapshot> byId = new HashMap<>();
    while (later.hasNext()) {
      Snapshot next = later.next();
      if (next.sequenceNumber() > last.sequenceNumber()) {
        break;
      }
      byId.put(next.snapshotId(), next);
    }
    Long end = after == null ? null : Long.valueOf(after.snapshotId());
    List<Snapshot> appends = new ArrayList<>();
    boolean onlyAppends = true;
    Snapshot each = last;
    while (end == null || each.snapshotId() != end) {
      switch (each.operation()) {
        case "append" -> appends.add(each);
        case "replace", "delete" -> onlyAppends = false;
        default -> throw overwritten(each, location);
      }
      Long parent = each.parentId();
      if (parent == null && end == null) {
        break;
      }
      boolean isAtEnd = parent != null && parent.equals(end);
      Snapshot before = isAtEnd ? after : parent == null ? null : byId.get(parent);
      if (before == null) {
        throw interrupted(after, last, each, location);
      }
      each = before;
    }
    Collections.reverse(appends);
    return new Appended(appends, last, after == null ? -1 : after.sequenceNumber(), onlyAppends);
  }

  private static UnsupportedTableException overwritten(Snapshot snapshot, String location) {
    return new UnsupportedTableException(
        "Snapshot "
            + snapshot.snapshotId()
            + " of "
            + location
            + " is of the operation '"
            + snapshot.operation()
            + "': which of its rows are new cannot be told. Read the rows appended after it, or scan"
            + " a whole snapshot.");
  }

  private static IllegalArgumentException interrupted(
      @Nullable Snapshot after, Snapshot last, Snapshot oldest, String location) {
    return new IllegalArgumentException(
        (after == null ? "The first snapshot" : "Snapshot " + after.snapshotId())
            + " of "
            + location
            + " is no ancestor of snapshot "
            + last.snapshotId()
            + ", or others between them are gone. The oldest that can be read from is "
            + oldest.snapshotId()
            + " of "
            + oldest.timestamp()
            + ".");
  }

  /** Whether nothing was appended. */
  public boolean isEmpty() {
    return appends.isEmpty();
  }

  /**
   * What a scan reads, in the order of commits.
   *
   * @param filesOf the files of a snapshot
   */
  public List<ScanPart> parts(Function<@Nullable Snapshot, SnapshotFiles> filesOf) {
    if (appends.isEmpty()) {
      return List.of(ScanPart.all(filesOf.apply(null)));
    }
    if (onlyAppends) {
      Set<Long> ids = appends.stream().map(Snapshot::snapshotId).collect(Collectors.toSet());
      return List.of(ScanPart.added(filesOf.apply(last), ids, afterSequence));
    }
    List<ScanPart> parts = new ArrayList<>();
    for (Snapshot each : appends) {
      parts.add(
          ScanPart.added(
              filesOf.apply(each), Set.of(each.snapshotId()), each.sequenceNumber() - 1));
    }
    return parts;
  }
}
