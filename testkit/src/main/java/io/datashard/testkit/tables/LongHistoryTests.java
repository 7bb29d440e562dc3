package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.internal.commit.AppendId;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Round;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.Snapshot;
import io.datashard.table.TableHistory;
import io.datashard.table.Verification;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.ProcessStopped;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I3, I10: however many commits there were, heads stay short and every snapshot can be read, found
 * by id and by time, and is searched for appends.
 */
abstract class LongHistoryTests extends TableTests {
  /** A table that archives every few commits. */
  private Table create() {
    return DataShard.on(l -> disk)
        .newTable("t", Tables.SCHEMA)
        .property("datashard.history.head-bytes", "8192")
        .create();
  }

  @Test
  void everyStateThatTheTableHadCanBeRead() throws InterruptedException {
    List<Committed> all = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    int commits = atMost(150, 40);
    try (Table table = create()) {
      for (int i = 0; i < commits; i++) {
        if (i % 5 == 0) {
          Thread.sleep(2); // so that times differ
        }
        all.add(table.append(Tables.rows(i, i + 1)));
        times.add(table.currentSnapshot().orElseThrow().timestampMillis());
      }
      TableHistory history = table.history();
      assertThat(history.snapshots()).isEqualTo(commits);
      assertThat(history.listed()).isLessThan(15);
      assertThat(table.properties()).doesNotContainKey("datashard.history");
    }
    try (Table table = Tables.load(disk);
        Stream<Snapshot> snapshots = table.snapshots()) {
      assertThat(snapshots.map(Snapshot::snapshotId))
          .containsExactlyElementsOf(all.stream().map(Committed::snapshotId).toList());
      for (int i = 0; i < commits; i += 7) {
        assertThat(table.scan().at(all.get(i).snapshotId()).count()).isEqualTo(i + 1);
        long rows = table.scan().asOf(times.get(i)).count();
        assertThat(rows)
            .as("the last of that millisecond")
            .isEqualTo(times.lastIndexOf(times.get(i)) + 1);
      }
      assertThatThrownBy(() -> table.snapshot(77))
          .hasMessageContaining(
              "has no snapshot 77. It has " + commits + " snapshots; the newest is");
      assertThatThrownBy(() -> table.snapshotAsOf(times.get(0) - 1))
          .hasMessageContaining(
              "Its first snapshot is of " + java.time.Instant.ofEpochMilli(times.get(0)));
    }
    requireWhole(commits);
  }

  @Test
  void anAppendIsFoundHoweverLongAgoItWasCommitted() {
    create().close();
    Committer committer = new Committer(disk, Env.system());
    committer.newestOrGone();
    AppendId id = new AppendId(1, 2, 3);
    Committed first = committer.commit(new OneFile(disk, id, 0)).get(0).orThrow();
    int commits = atMost(100, 40);
    for (int i = 0; i < commits; i++) {
      committer.commit(new OneFile(disk, new AppendId(7, 7, i), Long.MAX_VALUE));
    }
    assertThat(committer.newestOrGone().metadata().snapshot(first.snapshotId())).isEmpty();

    Committer waiter = new Committer(disk, Env.system());
    assertThat(waiter.commit(new OneFile(disk, id, 0)).get(0).orThrow().snapshotId())
        .isEqualTo(first.snapshotId());
    assertThat(waiter.newestOrGone().metadata().lastSequenceNumber()).isEqualTo(commits + 1);
  }

  @Test
  void deathAtAnyCallOfAnArchivingCommitLosesNothing() {
    int archiving = commitsBeforeArchiving();
    for (boolean afterEffect : new boolean[] {false, true}) {
      for (int k = 1; ; k += step()) {
        Storage cut = store().empty(k);
        List<Long> ids = new ArrayList<>();
        Committer committer = filled(cut, archiving, ids);
        assertThat(segments(cut)).as("nothing archived yet").isZero();
        FaultyStorage dying =
            afterEffect ? FaultyStorage.stopAfterEffect(k, cut) : FaultyStorage.stopAfter(k, cut);
        boolean acknowledged = false;
        try {
          Committer victim = new Committer(dying, Env.system());
          ids.add(
              victim
                  .commit(new OneFile(disk, new AppendId(9, 9, 9), Long.MAX_VALUE))
                  .get(0)
                  .orThrow()
                  .snapshotId());
          acknowledged = true;
        } catch (ProcessStopped e) {
          // what is left is looked at below
        }
        store().cutPower(cut);
        List<Long> found = snapshotIds(cut);
        if (acknowledged) {
          assertThat(found).as("after call %d", k).isEqualTo(ids);
        } else {
          assertThat(found.subList(0, archiving)).as("cut at call %d", k).isEqualTo(ids);
          assertThat(found.size()).isBetween(archiving, archiving + 1);
        }
        committer = new Committer(cut, Env.system());
        committer.commit(new OneFile(disk, new AppendId(9, 9, 10), Long.MAX_VALUE));
        assertThat(snapshotIds(cut))
            .startsWith(found.toArray(Long[]::new))
            .hasSize(found.size() + 1);
        if (!dying.stopped()) {
          assertThat(segments(cut)).as("this was the commit that archives").isPositive();
          break;
        }
      }
    }
  }

  private int commitsBeforeArchiving() {
    Storage trial = store().empty(1);
    Committer committer = filled(trial, 0, new ArrayList<>());
    int commits = 0;
    while (segments(trial) == 0) {
      committer.commit(new OneFile(disk, new AppendId(1, 1, commits++), Long.MAX_VALUE));
    }
    return commits - 1;
  }

  private static Committer filled(Storage storage, int commits, List<Long> ids) {
    DataShard.on(l -> storage)
        .newTable("t", Tables.SCHEMA)
        .property("datashard.history.head-bytes", "8192")
        .create()
        .close();
    Committer committer = new Committer(storage, Env.system());
    for (int i = 0; i < commits; i++) {
      ids.add(
          committer
              .commit(new OneFile(storage, new AppendId(1, 1, i), Long.MAX_VALUE))
              .get(0)
              .orThrow()
              .snapshotId());
    }
    return committer;
  }

  private static long segments(Storage storage) {
    return storage.listAll("metadata/history").size();
  }

  private static List<Long> snapshotIds(Storage storage) {
    try (Table table = Tables.load(storage);
        Stream<Snapshot> snapshots = table.snapshots()) {
      return snapshots.map(Snapshot::snapshotId).toList();
    }
  }

  @Test
  void whoLosesWhileArchivingLeavesNothing() {
    int commits = atMost(100, 12);
    create().close();
    Committer rival = new Committer(disk, Env.system());
    int[] races = {0};
    Committer loser =
        new Committer(
            new ForwardingStorage(disk) {
              @Override
              public String identity(String key) {
                return key.equals("metadata") ? "" : super.identity(key);
              }

              @Override
              public io.datashard.storage.PutOutcome createExclusive(
                  String key, ByteBuffer content) {
                if (races[0]++ % 3 < 2) {
                  rival.commit(new OneFile(disk, new AppendId(5, 5, races[0]), Long.MAX_VALUE));
                }
                return super.createExclusive(key, content);
              }
            },
            Env.system());
    for (int i = 0; i < commits; i++) {
      loser.commit(new OneFile(disk, new AppendId(6, 6, i), Long.MAX_VALUE));
    }
    for (Committer each : List.of(loser, rival)) {
      each.leaveQueue();
      each.finish();
    }
    assertThat(snapshotIds(disk)).hasSize(3 * commits).doesNotHaveDuplicates();
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.counts().snapshots()).isEqualTo(3 * commits);
    assertThat(found.counts().orphanFiles()).isZero();
  }

  /**
   * Whoever sleeps between writing an archive and naming it may find it cleaned away, with the
   * versions that it was made for. He has lost, and nothing else.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whoOversleepsTheFilesOfHisArchiveTriesAgain(boolean beforeTheLook) {
    assumeFalse(disk.isRemote(), "no name is freed so soon");
    try (Table table = create()) {
      try (Transaction tx = table.newTransaction()) {
        tx.setProperty("datashard.history.versions-min", "2")
            .setProperty("datashard.history.version-ms-min", "0")
            .commit();
      }
    }
    Sleeper sleeper = new Sleeper(beforeTheLook);
    try (Table table = Tables.load(sleeper)) {
      for (int i = 0; sleeper.slept == 0; i++) {
        Committed done = table.append(Tables.rows(i, i + 1));
        assertThat(done.rowsAdded()).isEqualTo(1);
        sleeper.appended = i + 1;
      }
    }
    assertThat(sleeper.slept).as("files of the archive that were gone").isEqualTo(2);
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.counts().orphanFiles()).isZero();
    store().cutPower(disk); // of what could not be synced nothing may be named
    Map<Integer, Integer> expected = Tables.once(0, sleeper.appended);
    expected.putAll(Tables.once(1_000, 1_040));
    assertThat(Tables.countsById(disk)).isEqualTo(expected);
    assertThat(DataShard.on(l -> disk).verify("t").deep().run().damages()).isEmpty();
  }

  /** Sleeps once, when files of an archive are written, while others commit and clean. */
  private final class Sleeper extends ForwardingStorage {
    private final boolean beforeTheLook;
    private final List<String> archive = new ArrayList<>();
    private int slept;
    private int appended;

    Sleeper(boolean beforeTheLook) {
      super(disk);
      this.beforeTheLook = beforeTheLook;
    }

    @Override
    public NewFile create(String key) {
      if (key.startsWith("metadata/history/")) {
        archive.add(key);
      }
      return super.create(key);
    }

    @Override
    public String identity(String key) {
      if (beforeTheLook) {
        sleep(); // before the base is looked at, and after
      }
      return super.identity(key) + " elsewhere"; // others do not wait for their turn with us
    }

    @Override
    public void makeDurable(List<NewFile> files) {
      sleep();
      super.makeDurable(files);
    }

    private void sleep() {
      if (slept == 0 && archive.size() == 2) {
        try (Table other = Tables.load(disk)) {
          for (int i = 1_000; i < 1_040; i++) {
            other.append(Tables.rows(i, i + 1));
          }
        }
        slept = (int) archive.stream().filter(key -> !disk.exists(key)).count();
      }
    }
  }

  @Test
  void anArchivedSnapshotIsReadInAtMostThreeMoreFiles() {
    List<Long> ids = new ArrayList<>();
    int commits = rounds(700);
    filled(disk, commits, ids);
    for (int i = 0; i < commits; i += 13) {
      FaultyStorage counted = FaultyStorage.counting(disk);
      try (Table table = Tables.load(counted)) {
        int opened = counted.calls(Verb.OPEN);
        assertThat(table.snapshot(ids.get(i)).sequenceNumber()).isEqualTo(i + 1);
        assertThat(counted.calls(Verb.OPEN) - opened).isLessThanOrEqualTo(3);
      }
    }
  }

  /** I10: what is lost is told, whatever file it is, and never fewer snapshots in silence. */
  @Test
  void verifyFindsEachDamageAndGoesOnBehindIt() {
    int commits = atMost(50, 24);
    try (Table table = create()) {
      for (int i = 0; i < commits; i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    List<Storage.Listed> archive = disk.listAll("metadata/history");
    for (int i = 0; i < archive.size(); i += step()) {
      Storage.Listed file = archive.get(i);
      byte[] whole = disk.readWhole(file.key(), -1);
      damage(file.key(), Arrays.copyOf(whole, whole.length - 1));
      requireDamage(file.key());
      disk.delete(file.key());
      requireDamage(file.key() + " is missing");
      disk.createExclusive(file.key(), ByteBuffer.wrap(whole));
    }
    requireWhole(commits);
    Snapshot archived;
    try (Table table = Tables.load(disk);
        Stream<Snapshot> snapshots = table.snapshots()) {
      archived = snapshots.skip(7).findFirst().orElseThrow();
    }
    String list = archived.manifestList().substring(disk.location().length() + 1);
    byte[] whole = disk.readWhole(list, -1);
    disk.delete(list);
    requireDamage(list);
    String other =
        disk.listAll("metadata/manifests").stream()
            .map(Storage.Listed::key)
            .filter(key -> key.contains("/snap-"))
            .sorted()
            .skip(commits - 10)
            .findFirst()
            .orElseThrow();
    disk.createExclusive(list, ByteBuffer.wrap(disk.readWhole(other, -1)));
    requireDamage("but snapshot " + archived.snapshotId() + " names it");
    damage(list, whole);
    requireWhole(commits);
  }

  private void requireDamage(String what) {
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.damages())
        .as(what)
        .isNotEmpty()
        .anyMatch(damage -> (damage.file() + " " + damage.what()).contains(what));
  }

  @Test
  void verifyNamesADamagedArchive() {
    int commits = atMost(40, 24);
    try (Table table = create()) {
      for (int i = 0; i < commits; i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    requireWhole(commits);
    String segment =
        disk.listAll("metadata/history").stream()
            .map(Storage.Listed::key)
            .filter(key -> key.endsWith(".segment"))
            .sorted()
            .reduce((one, other) -> other)
            .orElseThrow();
    byte[] content = disk.readWhole(segment, -1);
    content[3] ^= 4;
    damage(segment, content);
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.damages())
        .anyMatch(damage -> damage.what().contains(segment + ", bytes from 0, is damaged"));
    assertThat(found.notes())
        .anyMatch(
            note -> note.what().contains("The table made " + commits + " snapshots and knows"));
  }

  private void requireWhole(int snapshots) {
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.damages()).isEmpty();
    assertThat(found.notes()).isEmpty();
    assertThat(found.counts().snapshots()).isEqualTo(snapshots);
    assertThat(found.counts().orphanFiles()).isZero();
  }

  /** An append of a file that need not exist. */
  private record OneFile(Storage storage, AppendId id, long base) implements Round {
    @Override
    public List<Member> members() {
      return List.of(new Member(id, base, 1));
    }

    @Override
    public Change change(TableMetadata metadata, List<Member> members) {
      DataFile file =
          new DataFile(
              storage.location()
                  + "/data/"
                  + id.high()
                  + "-"
                  + id.low()
                  + "-"
                  + id.number()
                  + ".parquet",
              "PARQUET",
              0,
              List.of(),
              new FileMetrics(1, 1_000, Map.of(), List.of(4L)),
              null);
      return new Change(
          List.of(file), List.of(), Set.of(), Set.of(), Map.of(), Set.of(), Tables.SCHEMA);
    }

    @Override
    public void discard() {}
  }
}
