package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.datashard.Append;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.history.History;
import io.datashard.internal.ledger.Ledger;
import io.datashard.internal.metadata.SnapshotRef;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.OrphanFiles;
import io.datashard.table.OrphanFiles.OrphanFile;
import io.datashard.table.Snapshot;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.ProcessStopped;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * I7, I8: a clean-up deletes what nothing reaches, all of it, and nothing else: not what anything
 * reaches, not what may be on its way, and nothing at all in doubt. Only the store's clock counts.
 */
abstract class OrphanFilesTests extends TableTests {
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Duration HALF = GRACE.dividedBy(2);

  /** The smallest step that every store's clock makes. */
  private static final Duration SECOND = Duration.ofSeconds(1);

  @BeforeEach
  void needsTheClock() {
    assumeTrue(store().hasClock(), "nobody can set the clock of this store");
  }

  static OrphanFiles clean(Storage storage) {
    try (Table table = Tables.load(storage)) {
      return table.removeOrphanFiles().olderThan(GRACE).run();
    }
  }

  /** Older than the grace. */
  private void waitLong() {
    store().passTime(GRACE.multipliedBy(2));
  }

  /** Rows that become data files of their own. */
  static List<Map<String, Object>> manyRows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Map.<String, Object>of("id", i, "name", "row " + i))
        .toList();
  }

  private static void appendLarge(Table table) {
    table.append(manyRows(100, 20_000));
  }

  static List<String> paths(OrphanFiles files) {
    return files.files().stream().map(OrphanFile::path).toList();
  }

  /** What the table consists of, found in another way than the clean-up finds it. */
  static Set<String> reached(Storage storage) {
    Set<String> keys = new TreeSet<>();
    keys(storage).stream()
        .filter(key -> key.matches("metadata/(v[0-9]+\\.metadata\\.json|version-hint.*|floor/.*)"))
        .forEach(keys::add);
    for (String key : Set.copyOf(keys)) {
      if (key.endsWith(".metadata.json")) {
        TableMetadata metadata = TableMetadataJson.parse(storage.readWhole(key, -1), key);
        keys.addAll(Ledger.files(metadata));
        keys.addAll(new History(storage).files(metadata));
      }
    }
    try (Table table = Tables.load(storage);
        Stream<Snapshot> snapshots = table.snapshots()) {
      for (Snapshot snapshot : snapshots.toList()) {
        keys.add(keyOf(storage, snapshot.manifestList()));
        try (Stream<ManifestFile> manifests = table.manifests(snapshot);
            Stream<DataFile> files = table.dataFiles(snapshot)) {
          manifests.forEach(each -> keys.add(keyOf(storage, each.location())));
          files.forEach(each -> keys.add(keyOf(storage, each.location())));
        }
      }
    }
    return keys;
  }

  // What is deleted.

  private static void replaceAll(Table table) {
    try (Transaction tx = table.newTransaction()) {
      tx.removeFiles(
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList());
      tx.append(Tables.rows(20, 25));
      tx.setProperty("owner", "me");
      tx.commit();
    }
  }

  /** Dies at every call in turn, waits, cleans; tells how many orphans there were. */
  private int dieAndClean(boolean afterEffect, boolean powerCut, Consumer<Table> act) {
    int orphans = 0;
    for (int k = 1; ; k += step()) {
      disk = store().empty(k);
      try (Table table = create()) {
        table.newAppend().rows(Tables.rows(0, 10)).once("s", 1).commit();
      }
      FaultyStorage dying =
          afterEffect ? FaultyStorage.stopAfterEffect(k, disk) : FaultyStorage.stopAfter(k, disk);
      tryTo(act, dying);
      if (powerCut) {
        store().cutPower(disk);
      }
      waitLong();
      Map<Integer, Integer> before = Tables.countsById(disk);
      orphans += clean(disk).files().size();
      assertThat(keys(disk)).as("left after death at call %d", k).isEqualTo(reached(disk));
      assertThat(Tables.countsById(disk)).as("rows after death at call %d", k).isEqualTo(before);
      if (!dying.stopped()) {
        return orphans;
      }
    }
  }

  /** A table that archives every few commits. */
  private Table create() {
    return DataShard.on(location -> disk)
        .newTable("t", Tables.SCHEMA)
        .property("datashard.history.head-bytes", "8192")
        .create();
  }

  private static void tryTo(Consumer<Table> act, FaultyStorage storage) {
    try (Table table = Tables.load(storage)) {
      act.accept(table);
    } catch (ProcessStopped e) {
      // this is what it is for
    } catch (OutcomeUnknownException e) {
      assertThat(e).hasRootCauseInstanceOf(ProcessStopped.class);
    }
    storage.awaitFinished();
  }

  @Test
  void whatADeadAppendLeftIsDeleted() {
    Consumer<Table> append = table -> table.append(Tables.rows(10, 15));
    assertThat(dieAndClean(false, false, append)).isGreaterThan(store().isSlow() ? 0 : 3);
    assertThat(dieAndClean(true, true, append)).isGreaterThan(store().isSlow() ? 0 : 3);
  }

  @Test
  void whatADeadNumberedAppendLeftIsDeleted() {
    Consumer<Table> append =
        table -> table.newAppend().rows(Tables.rows(10, 15)).once("s", 2).commit();
    assertThat(dieAndClean(true, false, append)).isGreaterThan(store().isSlow() ? 0 : 3);
  }

  @Test
  void whatADeadLargeAppendLeftIsDeleted() {
    assertThat(dieAndClean(false, true, OrphanFilesTests::appendLarge))
        .isGreaterThan(store().isSlow() ? 0 : 3);
  }

  @Test
  void whatADeadTransactionLeftIsDeleted() {
    assertThat(dieAndClean(true, false, OrphanFilesTests::replaceAll))
        .isGreaterThan(store().isSlow() ? 0 : 3);
    assertThat(dieAndClean(false, true, OrphanFilesTests::replaceAll))
        .isGreaterThan(store().isSlow() ? 0 : 3);
  }

  /** A name of every kind that DataShard gives and that an orphan may have. */
  static final List<String> OURS =
      List.of(
          "data/00112233445566778899aabbccddeeff-0.parquet",
          "data/ts_day=2024-02-29/kind=..%2F../00112233445566778899aabbccddeeff-7.parquet",
          "data/import-00112233445566778899aabbccddeeff-0011223344556677.parquet",
          "metadata/manifests/00112233445566778899aabbccddeeff-m3.avro",
          "metadata/manifests/snap-12-1-00112233445566778899aabbccddeeff.avro",
          "metadata/history/3-0011223344556677.root",
          "metadata/history/3-0011223344556677.segment",
          "metadata/sources/3-0011223344556677.ledger",
          "metadata/.tmp-00112233445566778899aabbccddeeff",
          "metadata/floor/.tmp-00112233445566778899aabbccddeeff");

  private static final List<String> OF_OTHERS =
      List.of(
          "README.md",
          "data/00000-0-00112233-4455-6677-8899-aabbccddeeff-00001.parquet",
          "data/mine.parquet",
          "data/kind=a/00000-0-00112233-4455-6677-8899-aabbccddeeff-00001.parquet",
          "data/old/00112233445566778899aabbccddeeff-0.parquet",
          "metadata/snap-12-1-00112233-4455-6677-8899-aabbccddeeff.avro",
          "metadata/00112233-4455-6677-8899-aabbccddeeff-m0.avro",
          "metadata/floor/.tmp-x",
          "metadata/notes.txt");

  private void put(String key) {
    disk.createExclusive(key, ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
  }

  @Test
  void onlyWhatIsCalledAsOursIsDeleted() {
    create().close();
    OURS.forEach(this::put);
    OF_OTHERS.forEach(this::put);
    waitLong();

    OrphanFiles deleted = clean(disk);

    assertThat(paths(deleted)).containsExactlyInAnyOrderElementsOf(OURS);
    assertThat(deleted.bytes()).isEqualTo(OURS.stream().mapToLong(String::length).sum());
    assertThat(deleted.unknown())
        .isEqualTo(OF_OTHERS.size() - 1L); // README.md is nobody's business
    assertThat(keys(disk)).containsAll(OF_OTHERS).doesNotContainAnyElementsOf(OURS);
  }

  @Test
  void whatIsYoungerThanTheGraceIsLeftAlone() {
    create().close();
    put(OURS.get(0));
    store().passTime(GRACE);
    assertThat(clean(disk)).isEqualTo(new OrphanFiles(List.of(), 1, 0));
    store().passTime(SECOND);
    assertThat(paths(clean(disk))).containsExactly(OURS.get(0));
  }

  @Test
  void aDryRunChangesNothing() {
    create().close();
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    try (Table table = Tables.load(disk)) {
      OrphanFiles found = table.removeOrphanFiles().olderThan(GRACE).dryRun().run();
      assertThat(paths(found)).containsExactlyInAnyOrderElementsOf(OURS);
    }
    assertThat(keys(disk)).isEqualTo(before);
  }

  @Test
  void aCrashInTheMiddleDoesNoHarm() {
    for (boolean powerCut : new boolean[] {false, true}) {
      for (int k = 1; ; k += step()) {
        disk = store().empty(k);
        try (Table table = create()) {
          table.append(Tables.rows(0, 10));
        }
        tryTo(table -> table.append(Tables.rows(10, 15)), FaultyStorage.stopAfter(8, disk));
        Map<Integer, Integer> rows = Tables.countsById(disk);
        OURS.forEach(this::put);
        waitLong();
        FaultyStorage dying = FaultyStorage.stopAfterEffect(k, disk);
        tryTo(table -> table.removeOrphanFiles().olderThan(GRACE).run(), dying);
        if (powerCut) {
          store().cutPower(disk);
        }
        assertThat(Tables.countsById(disk)).as("rows after death at call %d", k).isEqualTo(rows);
        assertThat(keys(disk)).as("kept after death at call %d", k).containsAll(reached(disk));
        waitLong();
        clean(disk);
        assertThat(keys(disk)).as("left after death at call %d", k).isEqualTo(reached(disk));
        if (!dying.stopped()) {
          break;
        }
      }
    }
  }

  // What is kept.

  @Test
  void whatAnythingReachesIsKept() {
    try (Table table = create()) {
      for (int i = 0; i < 40; i++) {
        table.newAppend().rows(Tables.rows(i, i + 1)).once("s".repeat(200) + i, i).commit();
      }
      appendLarge(table);
      replaceAll(table);
      assertThat(table.history().archived()).as("archived snapshots").isPositive();
      assertThat(keys(disk)).as("ledgers").anyMatch(key -> key.endsWith(".ledger"));
    }
    waitLong();
    Set<String> before = reached(disk);
    clean(disk);
    assertThat(keys(disk)).containsAll(before).isEqualTo(reached(disk));
  }

  @Test
  void eachFileIsReadOnceHoweverManySnapshotsShareIt() {
    int commits = store().isSlow() ? 40 : 100;
    try (Table table = create()) {
      for (int i = 0; i < commits; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(table.history().archived()).as("archived snapshots").isGreaterThan(commits / 2);
    }
    FaultyStorage counting = FaultyStorage.counting(disk);
    clean(counting);
    List<String> read =
        counting.log().stream()
            .filter(call -> call.verb() == FaultyStorage.Verb.OPEN)
            .map(FaultyStorage.Call::key)
            .filter(key -> key.startsWith("metadata/manifests/"))
            .toList();
    assertThat(read).hasSizeGreaterThan(2 * commits).doesNotHaveDuplicates();
  }

  @Test
  void whatOnlyABranchOrATagOrAnOlderVersionReachesIsKept() {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 4; i++) {
        table.append(Tables.rows(i, i + 1));
        replaceAll(table);
      }
    }
    TableMetadata metadata = newest();
    List<Snapshot> all = metadata.snapshots();
    Snapshot current = metadata.currentSnapshot().orElseThrow();
    Map<String, SnapshotRef> refs = new LinkedHashMap<>(metadata.refs());
    refs.put("audit", SnapshotRef.branch(all.get(1).snapshotId()));
    refs.put("release", SnapshotRef.tag(all.get(3).snapshotId()));
    commitAsAnother(
        each ->
            each.toBuilder()
                .snapshots(List.of(all.get(1), all.get(3), current))
                .refs(refs)
                .build());
    waitLong();
    Set<String> before = keys(disk);
    assertThat(clean(disk)).isEqualTo(new OrphanFiles(List.of(), 0, 0));
    assertThat(keys(disk)).containsAll(before); // older versions list the other snapshots

    for (String key : before) { // when they are gone, only the named ones hold files
      if (key.matches("metadata/v[1-9]\\.metadata\\.json")) {
        disk.delete(key);
      }
    }
    put("metadata/floor/10");
    OrphanFiles deleted = clean(disk);
    assertThat(paths(deleted)).anyMatch(path -> path.contains("/snap-"));
    Set<String> left = keys(disk);
    assertThat(left).containsAll(reached(disk));
    left.removeAll(reached(disk)); // what the kept snapshots say that they removed is kept too
    assertThat(left).allMatch(key -> key.startsWith("data/"));
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(20, 25));
  }

  @Test
  void whatAFieldNamesThatWeDoNotKnowIsKept() {
    Tables.create(disk).close();
    Map<String, String> unknown = new LinkedHashMap<>();
    String statistics = "[{\"snapshot-id\":1,\"statistics-path\":\"%s\",\"blobs\":[]}]";
    unknown.put("statistics", String.format(statistics, disk.location() + "/" + OURS.get(0)));
    unknown.put(
        "partition-statistics",
        String.format(statistics, disk.location().replace("///", "/") + "/" + OURS.get(2)));
    commitAsAnother(metadata -> metadata.toBuilder().unknown(unknown).build());
    OURS.forEach(this::put);
    waitLong();
    clean(disk);
    assertThat(keys(disk)).contains(OURS.get(0)).doesNotContain(OURS.get(1));
  }

  // What may be on its way.

  @Test
  void aTransactionMayTakeAsLongAsItLikesWithoutACleanUp() {
    try (Table table = Tables.create(disk);
        Transaction tx = table.newTransaction()) {
      table.removeOrphanFiles().olderThan(GRACE).run(); // before it began
      tx.append(manyRows(0, 30_000));
      store().passTime(GRACE.multipliedBy(100));
      tx.rollback();
    }
    try (Table table = Tables.load(disk);
        Transaction tx = table.newTransaction()) {
      tx.append(manyRows(0, 30_000));
      store().passTime(GRACE.multipliedBy(100));
      tx.commit();
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 30_000));
  }

  /** Before the next version gets its name, this happens once. */
  private Storage before(Runnable once) {
    boolean[] done = {false};
    return new ForwardingStorage(disk) {
      @Override
      public PutOutcome createExclusive(String key, ByteBuffer content) {
        if (key.matches("metadata/v[0-9]+\\.metadata\\.json") && !done[0]) {
          done[0] = true;
          once.run();
        }
        return super.createExclusive(key, content);
      }
    };
  }

  private void cleanAndLookFor(int young) {
    OrphanFiles found = clean(disk);
    assertThat(found.young()).isEqualTo(young);
    assertThat(found.files().isEmpty()).isEqualTo(young > 0);
  }

  @Test
  void rowsWhoseFilesWereTakenForOrphansAreWrittenAnew() {
    Tables.create(disk).close();
    Storage slow =
        before(
            () -> {
              waitLong();
              cleanAndLookFor(0);
            });
    try (Table table = Tables.load(slow)) {
      table.append(Tables.rows(0, 10));
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 10));
    assertThat(keys(disk)).isEqualTo(reached(disk));
  }

  @Test
  void filesThatWereTakenForOrphansAreRefused() {
    Tables.create(disk).close();
    Storage slow =
        before(
            () -> {
              waitLong();
              cleanAndLookFor(0);
            });
    try (Table table = Tables.load(slow)) {
      assertThatThrownBy(() -> appendLarge(table))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("is gone, and a clean-up of orphan files")
          .hasMessageContaining("Nothing was committed");
    }
    assertThat(Tables.countsById(disk)).isEmpty();
    assertThat(keys(disk)).isEqualTo(reached(disk));
  }

  @Test
  void filesThatTheNextCleanUpMayTakeAreRefused() {
    Tables.create(disk).close();
    Storage slow =
        before(
            () -> {
              store().passTime(HALF.plus(SECOND));
              cleanAndLookFor(3);
            });
    try (Table table = Tables.load(slow)) {
      assertThatThrownBy(() -> appendLarge(table))
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("was written at ");
    }
    assertThat(keys(disk)).isEqualTo(reached(disk));
  }

  @Test
  void filesOfLessThanHalfTheGraceAreCommitted() {
    Tables.create(disk).close();
    Storage slow =
        before(
            () -> {
              store().passTime(HALF);
              cleanAndLookFor(3);
            });
    try (Table table = Tables.load(slow)) {
      appendLarge(table);
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(100, 20_000));
    assertThat(keys(disk)).isEqualTo(reached(disk));
  }

  @Test
  void removalsAreMadeAnewAfterACleanUp() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
    }
    Storage slow =
        before(
            () -> {
              waitLong();
              cleanAndLookFor(0);
            });
    try (Table table = Tables.load(slow);
        Transaction tx = table.newTransaction()) {
      tx.removeFiles(
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList());
      tx.commit();
    }
    assertThat(Tables.countsById(disk)).isEmpty();
    assertThat(keys(disk)).isEqualTo(reached(disk));
  }

  @Test
  void theFenceIsAVersionLikeTheOneBefore() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
      long version = table.version();
      TableMetadata before = newest();
      table.removeOrphanFiles().run();
      TableMetadata after = newest();
      assertThat(table.version()).isEqualTo(version + 1);
      assertThat(after.snapshots()).isEqualTo(before.snapshots());
      assertThat(after.snapshotLog()).isEqualTo(before.snapshotLog());
      assertThat(after.refs()).isEqualTo(before.refs());
      assertThat(after.lastSequenceNumber()).isEqualTo(before.lastSequenceNumber());
      assertThat(table.properties()).doesNotContainKey("datashard.fences");
      for (int i = 0; i < 20; i++) {
        table.removeOrphanFiles().run();
      }
      assertThat(newest().properties().getOrDefault("datashard.fences", "").split(" "))
          .hasSizeLessThan(9);
    }
  }

  // Doubt.

  /** Nothing but the fence and the hint changed. */
  private void assertNothingDeleted(Set<String> before, String why) {
    assertThat(keys(disk)).as(why).containsAll(before);
  }

  @Test
  void anythingThatCannotBeReadStopsItWithNothingDeleted() {
    try (Table table =
        DataShard.on(location -> disk)
            .newTable("t", Tables.SCHEMA)
            .property("datashard.history.head-bytes", "8192")
            .property("datashard.history.versions-min", "1000")
            .create()) {
      for (int n = 0; n < 20; n++) {
        table.newAppend().rows(Tables.rows(n, n + 1)).once("s".repeat(200) + n, n).commit();
      }
      assertThat(table.history().archived()).as("archived snapshots").isPositive();
    }
    List<String> roots = new ArrayList<>(reached(disk));
    roots.removeIf(key -> !key.startsWith("metadata/") || key.matches(".*(hint.text|ledger)"));
    assertThat(roots).hasSizeGreaterThan(60);
    OURS.forEach(this::put);
    waitLong();
    boolean isDeleted = false;
    for (int i = 0; i < roots.size(); i += step()) {
      String key = roots.get(i);
      isDeleted = !isDeleted;
      byte[] content = disk.readWhole(key, -1);
      if (isDeleted) {
        disk.delete(key);
      } else {
        damage(key, new byte[] {1, 2, 3});
      }
      Set<String> before = keys(disk);
      assertThat(catchThrowable(() -> clean(disk)))
          .as("with %s %s", key, isDeleted ? "deleted" : "damaged")
          .isInstanceOf(DataShardException.class)
          .hasMessageContaining(
              key.endsWith(".json") ? key.replaceAll("[^0-9]", "") : key.replaceAll(".*/", ""));
      assertNothingDeleted(before, key);
      if (isDeleted) {
        disk.createExclusive(key, ByteBuffer.wrap(content));
      } else {
        damage(key, content);
      }
    }
    assertThat(clean(disk).files()).hasSizeGreaterThanOrEqualTo(OURS.size());
  }

  @Test
  void aNameOutsideTheTableStopsIt() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
    }
    TableMetadata metadata = newest();
    Snapshot current = metadata.currentSnapshot().orElseThrow();
    Snapshot outside =
        new Snapshot(
            current.snapshotId(),
            current.parentId(),
            current.sequenceNumber(),
            current.timestampMillis(),
            disk.location() + "/../other/snap.avro",
            current.schemaId(),
            current.summary());
    commitAsAnother(each -> each.toBuilder().snapshots(List.of(outside)).build());
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    assertThatThrownBy(() -> clean(disk))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageStartingWith("No orphan files of " + disk.location() + " were deleted: ")
        .hasMessageContaining("outside the table");
    assertNothingDeleted(before, "outside");
  }

  @Test
  void aVersionOfAnotherTableStopsIt() {
    Storage other = store().empty(2);
    for (Storage each : List.of(disk, other)) {
      try (Table table = Tables.create(each)) {
        table.append(Tables.rows(0, 10));
      }
    }
    String first = "metadata/v1.metadata.json";
    damage(first, other.readWhole(first, -1));
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    assertThatThrownBy(() -> clean(disk))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(first + " belongs to another table");
    assertNothingDeleted(before, "another table");
  }

  @Test
  void aListThatTellsOfTooFewFilesStopsIt() {
    List<String> lists;
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
      table.append(Tables.rows(10, 20));
      try (Stream<Snapshot> snapshots = table.snapshots()) {
        lists = snapshots.map(each -> keyOf(disk, each.manifestList())).toList();
      }
    }
    damage(lists.get(1), disk.readWhole(lists.get(0), -1)); // whole, but not this snapshot's
    waitLong();
    Set<String> before = keys(disk);
    assertThatThrownBy(() -> clean(disk))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining(lists.get(1) + " lists manifests of 1 files, but snapshot ")
        .hasMessageContaining("has 2: the list is cut or was replaced");
    assertNothingDeleted(before, "list");
  }

  @Test
  void aClockThatRunsBackStopsIt() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
    }
    OURS.forEach(this::put);
    store().passTime(GRACE.multipliedBy(-2));
    Set<String> before = keys(disk);
    assertThatThrownBy(() -> clean(disk))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the store's clock ran back");
    assertNothingDeleted(before, "clock");
  }

  @Test
  void aStoreThatDoesNotTellTheTimeStopsIt() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
    }
    OURS.forEach(this::put);
    Set<String> before = keys(disk);
    Storage timeless =
        new ForwardingStorage(disk) {
          @Override
          public Optional<Listed> find(String key) {
            return super.find(key).map(each -> new Listed(each.key(), each.length(), 0));
          }
        };
    assertThatThrownBy(() -> clean(timeless))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("clock cannot be told");
    assertNothingDeleted(before, "no clock");
  }

  @Test
  void aFileOfUnknownAgeStopsIt() {
    Tables.create(disk).close();
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    Storage forgetful =
        new ForwardingStorage(disk) {
          @Override
          public List<Listed> listAll(String folder) {
            return super.listAll(folder).stream()
                .map(
                    each ->
                        each.key().equals(OURS.get(3))
                            ? new Listed(each.key(), each.length(), 0)
                            : each)
                .toList();
          }
        };
    assertThatThrownBy(() -> clean(forgetful))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("the store does not tell when")
        .hasMessageContaining(OURS.get(3));
    assertNothingDeleted(before, "age");
  }

  @Test
  void aFenceThatIsNotAnsweredStopsIt() {
    Tables.create(disk).close();
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    Storage silent =
        FaultyStorage.planned(
            disk,
            (number, verb, key) ->
                verb == FaultyStorage.Verb.CREATE_EXCLUSIVE && key.startsWith("metadata/v")
                    ? FaultyStorage.Fault.LOSE_REQUEST
                    : FaultyStorage.Fault.NONE);
    assertThatThrownBy(() -> clean(silent)).isInstanceOf(OutcomeUnknownException.class);
    assertNothingDeleted(before, "fence");
  }

  @Test
  void aFenceThatIsGoneAgainStopsIt() {
    Tables.create(disk).close();
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    Storage losing =
        new ForwardingStorage(disk) {
          @Override
          public PutOutcome createExclusive(String key, ByteBuffer content) {
            PutOutcome outcome = super.createExclusive(key, content);
            disk.delete(key); // somebody restored an older copy of the folder
            return outcome;
          }
        };
    assertThatThrownBy(() -> clean(losing))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("is the newest version, but version 2 was committed before");
    assertNothingDeleted(before, "fence");
  }

  @Test
  void aListingThatFailsStopsIt() {
    Tables.create(disk).close();
    OURS.forEach(this::put);
    waitLong();
    Set<String> before = keys(disk);
    Storage refusing =
        new ForwardingStorage(disk) {
          @Override
          public List<Listed> listAll(String folder) {
            if (folder.equals("metadata")) {
              throw new StorageException("No listing today.");
            }
            return super.listAll(folder);
          }
        };
    assertThatThrownBy(() -> clean(refusing))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("No listing today.");
    assertNothingDeleted(before, "listing");
  }

  @Test
  void agesOutOfBoundsAreRefused() {
    try (Table table = Tables.create(disk);
        Append unused = table.newAppend()) {
      assertThat(unused).isNotNull();
      assertThatThrownBy(() -> table.removeOrphanFiles().olderThan(Duration.ofMillis(999)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("PT0.999S");
    }
  }
}
