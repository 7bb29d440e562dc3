package io.datashard.testkit.story;

import io.datashard.internal.history.History;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.Snapshot;
import io.datashard.testkit.simulation.SimulatedStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Holds a table that nobody writes to any more against what its writers were told. */
final class Oracle {
  /** What a reader saw during the run. */
  record Seen(String by, long version, @Nullable Long snapshotId, List<Integer> ids) {}

  /** A property that somebody set, and what he was told. */
  record Property(String key, Sent.Answer answer) {
    Property answered(Sent.Answer as) {
      return new Property(key, as);
    }
  }

  private final SimulatedStore store;
  private final Storage storage;
  private final RowIds rows;
  private final History history;
  private final Set<String> archiveFiles = new HashSet<>();

  /** The ids of all snapshots of the version read last, in order. */
  private List<Long> snapshots = List.of();

  private final List<TableMetadata> versions = new ArrayList<>();
  private final List<List<Integer>> idsOf = new ArrayList<>();

  /** The place in {@link #versions} of each id's first version. */
  private final Map<Integer, Integer> since = new HashMap<>();

  Oracle(SimulatedStore store) {
    this.store = store;
    this.storage = store.copy();
    this.rows = new RowIds(storage);
    this.history = new History(store.copyWithDeleted());
  }

  /** Reads all versions, each held against the one before (I1, I2, I5, I10). */
  void readAll() {
    long floor = floor();
    long next = 1;
    for (Map.Entry<Long, byte[]> each : store.versions().entrySet()) {
      long number = each.getKey();
      require(number == next, "after version " + (next - 1) + " comes " + number);
      next++;
      String key = "metadata/v" + number + ".metadata.json";
      // Names below the floor may be gone, or made anew by a process that slept (I1).
      if (number >= floor) {
        require(storage.exists(key), key + " is missing, and the floor is " + floor);
        require(
            Arrays.equals(storage.readWhole(key, -1), each.getValue()), key + " was replaced (I1)");
      }
      TableMetadata metadata = TableMetadataJson.parse(each.getValue(), key);
      add(number, metadata);
      if (number >= floor) {
        for (String file : Ledger.files(metadata)) {
          require(storage.exists(file), key + " names " + file + ", which is missing (I7)");
        }
        for (String file : history.files(metadata)) {
          require(storage.exists(file), key + " names " + file + ", which is missing (I7)");
        }
      }
    }
    require(floor < Math.max(2, next), "the floor is " + floor + ", the newest is " + (next - 1));
  }

  private long floor() {
    long floor = 0;
    for (String name : storage.names("metadata/floor", "")) {
      floor = Math.max(floor, Long.parseLong(name));
    }
    return floor;
  }

  private void add(long number, TableMetadata metadata) {
    List<Integer> ids = rows.of(metadata);
    require(new HashSet<>(ids).size() == ids.size(), "version " + number + " doubles rows: " + ids);
    Snapshot current = metadata.currentSnapshot().orElse(null);
    if (current != null) {
      require(
          String.valueOf(ids.size()).equals(current.summary().get("total-records")),
          "version " + number + " has " + ids.size() + " rows and says " + current.summary());
    }
    if (versions.isEmpty()) {
      require(ids.isEmpty() && metadata.snapshots().isEmpty(), "version 1 has rows: " + ids);
    } else {
      follows(number, versions.get(versions.size() - 1), metadata);
      Set<Integer> lost = new HashSet<>(idsOf.get(idsOf.size() - 1));
      lost.removeAll(ids);
      require(lost.isEmpty(), "version " + number + " has lost rows " + lost);
    }
    for (int id : ids) {
      since.putIfAbsent(id, versions.size());
    }
    snapshots = snapshotsOf(number, metadata);
    archiveFiles.addAll(history.files(metadata));
    archiveFiles.addAll(Ledger.files(metadata));
    versions.add(metadata);
    idsOf.add(ids);
  }

  private static void follows(long number, TableMetadata before, TableMetadata after) {
    String what = "version " + number;
    require(before.tableUuid().equals(after.tableUuid()), what + " is of another table (I11)");
    require(before.lastUpdatedMillis() <= after.lastUpdatedMillis(), what + " is older");
    long sequence = before.lastSequenceNumber();
    Long snapshotBefore = before.currentSnapshotId();
    if (Objects.equals(snapshotBefore, after.currentSnapshotId())) {
      require(sequence == after.lastSequenceNumber(), what + " has a number without a snapshot");
    } else {
      Snapshot current = after.currentSnapshot().orElseThrow();
      require(
          current.sequenceNumber() == after.lastSequenceNumber()
              && current.sequenceNumber() == sequence + 1,
          what + " has sequence number " + current.sequenceNumber() + " after " + sequence);
      require(
          Objects.equals(current.parentId(), snapshotBefore),
          what + " was built on snapshot " + current.parentId() + ", not on " + snapshotBefore);
    }
    Map<String, String> properties = after.properties();
    before
        .properties()
        .keySet()
        .forEach(key -> require(properties.containsKey(key), what + " has lost property " + key));
  }

  /** Listed and archived: those of the version before, and the new one (I10). */
  private List<Long> snapshotsOf(long number, TableMetadata metadata) {
    List<Long> all = new ArrayList<>();
    history.snapshots(metadata, -1).forEachRemaining(each -> all.add(each.snapshotId()));
    List<Long> expected = new ArrayList<>(snapshots);
    Long current = metadata.currentSnapshotId();
    if (current != null && !expected.contains(current)) {
      expected.add(current);
    }
    require(
        all.equals(expected),
        "version " + number + " has forgotten snapshots (I10): has " + all + ", not " + expected);
    return all;
  }

  /** Every append is where its writer was told it is (I3, I4). */
  void judge(List<Sent> sent) {
    Set<Integer> known = new HashSet<>();
    for (Sent each : sent) {
      known.addAll(each.ids);
      judge(each);
    }
    Set<Integer> foreign = new HashSet<>(since.keySet());
    foreign.removeAll(known);
    require(foreign.isEmpty(), "rows that nobody sent: " + foreign);
  }

  private void judge(Sent each) {
    long there = each.ids.stream().filter(since::containsKey).count();
    require(there == 0 || there == each.ids.size(), there + " of " + each + " are there");
    // What has a number may have come with another try.
    require(
        each.answer != Sent.Answer.REFUSED || there == 0 || each.once != null,
        "nevertheless there are " + each);
    require(each.answer != Sent.Answer.COMMITTED || there > 0, "lost are " + each);
    if (there == 0) {
      return;
    }
    int place = Objects.requireNonNull(since.get(each.ids.get(0)));
    List<Integer> all = idsOf.get(place);
    int start = all.indexOf(each.ids.get(0));
    require(
        start + each.ids.size() <= all.size()
            && all.subList(start, start + each.ids.size()).equals(each.ids),
        "out of order are " + each + " in " + all);
    Committed told = each.committed;
    if (told != null && told.snapshot().isPresent()) {
      require(told.version() == place + 1, "in version " + (place + 1) + " came " + each);
      Snapshot current = versions.get(place).currentSnapshot().orElseThrow();
      require(
          told.snapshotId() == current.snapshotId(),
          "with snapshot " + current.snapshotId() + " came " + each);
      require(
          told.rowsAdded() == (told.wasThere() ? 0 : each.ids.size()),
          told.rowsAdded() + " rows were told for " + each);
    }
  }

  /** Every reader saw one version, whole (I5). */
  void judgeSeen(List<Seen> seen) {
    for (Seen each : seen) {
      if (each.version() <= versions.size()) {
        int place = Math.toIntExact(each.version()) - 1;
        TableMetadata version = versions.get(place);
        // After a power cut the number of a version that was only seen may be another's.
        if (Objects.equals(each.snapshotId(), version.currentSnapshotId())) {
          require(each.ids().equals(idsOf.get(place)), "not as it is was seen " + each);
        }
      }
    }
  }

  /** Every property is there as its writer was told. */
  void judgeProperties(List<Property> set) {
    Map<String, String> properties = versions.get(versions.size() - 1).properties();
    for (Property each : set) {
      boolean there = properties.containsKey(each.key());
      require(
          each.answer() == Sent.Answer.UNKNOWN || there == (each.answer() == Sent.Answer.COMMITTED),
          "property " + each + (there ? " is there" : " is not there"));
    }
  }

  /** No file is left that no version names (I7). */
  void judgeRubbish() {
    Set<String> rubbish = new HashSet<>();
    for (Storage.Listed each : storage.listAll("")) {
      rubbish.add(each.key());
    }
    rubbish.remove("metadata/version-hint.text");
    rubbish.removeIf(key -> key.matches("metadata/v[0-9]+\\.metadata\\.json"));
    rubbish.removeIf(key -> key.matches("metadata/floor/[0-9]+"));
    rubbish.removeAll(rows.filesRead());
    rubbish.removeAll(archiveFiles);
    require(rubbish.isEmpty(), "rubbish was left behind: " + rubbish);
  }

  /** No ticket is left of anybody who waited to commit. */
  void judgeTickets() {
    List<String> tickets = storage.names("metadata/queue", "");
    require(tickets.isEmpty(), "tickets were not given back: " + tickets);
  }

  long newest() {
    return versions.size();
  }

  private static void require(boolean right, String otherwise) {
    if (!right) {
      throw new AssertionError(otherwise);
    }
  }
}
