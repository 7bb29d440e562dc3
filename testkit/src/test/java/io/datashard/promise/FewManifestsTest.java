package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;

/** A table of many small commits has few manifests, the same rows in the same order, no rubbish. */
class FewManifestsTest {
  private static final int COMMITS = 560;

  private final MemoryStorage disk = new MemoryStorage();

  @Test
  void manifestsStayFewAndRowsInOrder() {
    try (Table table = Tables.create(disk)) {
      int most = 0;
      for (int i = 0; i < COMMITS; i++) {
        table.append(Tables.rows(i, i + 1));
        most = Math.max(most, manifests(table).size());
      }
      assertThat(most).as("7 of each of 4 tiers at most").isBetween(15, 28);
      assertThat(ids(table.scan().toMaps())).isEqualTo(upTo(COMMITS));
      for (int i = 0; i < COMMITS; i += 50) {
        Snapshot then = table.snapshots().toList().get(i);
        assertThat(ids(table.scan().at(then.snapshotId()).toMaps())).isEqualTo(upTo(i + 1));
      }
    }
    requireClean();
  }

  @Test
  void mergedManifestsSayWhoAddedWhatAndWhen() throws IOException {
    List<Long> addedBy = new ArrayList<>();
    String metadata;
    try (Table table =
        DataShard.on(location -> disk)
            .newTable("t", Tables.SCHEMA)
            .property("datashard.history.head-bytes", "1048576") // they see what the head lists
            .create()) {
      for (int i = 0; i < 75; i++) {
        addedBy.add(table.append(Tables.rows(i, i + 1)).snapshotId());
      }
      assertThat(manifests(table).get(0).counts().existingFiles()).isEqualTo(64);
      metadata = table.metadataLocation();
    }
    InMemoryFileIO files = new InMemoryFileIO();
    for (Storage.Listed file : disk.listAll("metadata")) {
      files.addFile(disk.location() + "/" + file.key(), disk.readWhole(file.key(), -1));
    }
    BaseTable theirs = new BaseTable(new StaticTableOperations(metadata, files), "t");
    for (int i : new int[] {0, 6, 7, 8, 63, 64, 65, 74}) {
      try (CloseableIterable<FileScanTask> tasks =
          theirs.newScan().useSnapshot(addedBy.get(i)).planFiles()) {
        List<Long> sequence = new ArrayList<>();
        tasks.forEach(
            task -> {
              assertThat(task.file().dataSequenceNumber())
                  .isEqualTo(task.file().fileSequenceNumber());
              sequence.add(task.file().dataSequenceNumber());
            });
        assertThat(sequence)
            .containsExactlyInAnyOrderElementsOf(
                IntStream.rangeClosed(1, i + 1).mapToObj(n -> (long) n).toList());
      }
    }
  }

  @Test
  void filesCanBeRemovedFromMergedManifests() {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 40; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      List<String> files =
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList();
      try (Transaction change = table.newTransaction()) {
        change.removeFiles(files.subList(8, 17));
        change.commit();
      }
      assertThat(manifests(table)).as("they tell what was removed").anyMatch(m -> live(m) == 0);
      table.append(Tables.rows(40, 41));
      assertThat(manifests(table)).as("and are of no use later").allMatch(m -> live(m) > 0);
      for (int i = 41; i < 80; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      List<Integer> left = new ArrayList<>(upTo(80));
      left.subList(8, 17).clear();
      assertThat(ids(table.scan().toMaps())).isEqualTo(left);
    }
    requireClean();
  }

  @Test
  void whoLosesRacesLeavesNothing() {
    Tables.create(disk).close();
    try (Table rival = Tables.load(disk);
        Table table = Tables.load(new Raced(disk, rival, 3))) {
      for (int i = 0; i < 100; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(table.scan().count()).isEqualTo(400);
      assertThat(manifests(table).size()).isLessThan(28);
    }
    requireClean();
  }

  @Test
  void aRemovalThatLosesToAMergeLeavesNothing() {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 8; i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    try (Table rival = Tables.load(disk);
        Table table = Tables.load(new Raced(disk, rival, 1))) {
      String file =
          table
              .dataFiles(table.currentSnapshot().orElseThrow())
              .findFirst()
              .orElseThrow()
              .location();
      try (Transaction change = table.newTransaction()) {
        change.removeFiles(List.of(file));
        change.commit();
      }
      assertThat(table.scan().count()).isEqualTo(8);
    }
    requireClean();
  }

  @Test
  void whatWasMergedServesTheNextTryIfAllOfItIsStillThere() {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 8; i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    FaultyStorage counted = FaultyStorage.counting(disk);
    try (Table rival = Tables.load(disk);
        Table table = Tables.load(new Raced(counted, rival, 0))) {
      table.append(Tables.rows(8, 9));
      assertThat(manifests(table)).hasSize(2);
    }
    assertThat(counted.log())
        .filteredOn(call -> call.verb() == Verb.CREATE && call.key().matches(".*-m[0-9]+.avro"))
        .as("one for the rows, one for the eight before, in two tries")
        .hasSize(2);
    requireClean();
  }

  @Test
  void aManifestThatCannotBeReadStopsNoAppend() {
    String broken;
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 5; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      broken = manifests(table).get(2).location().substring(disk.location().length() + 1);
    }
    byte[] content = disk.readWhole(broken, -1);
    content[content.length / 2] ^= 1;
    disk.damage(broken, content);
    try (Table table = Tables.load(disk)) {
      for (int i = 5; i < 30; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(manifests(table).size()).as("those after it are merged").isLessThan(12);
    }
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.damages()).isNotEmpty().allMatch(damage -> damage.file().endsWith(broken));
  }

  private static List<ManifestFile> manifests(Table table) {
    return table.manifests(table.currentSnapshot().orElseThrow()).toList();
  }

  private static int live(ManifestFile manifest) {
    return manifest.counts().addedFiles() + manifest.counts().existingFiles();
  }

  private static List<Integer> upTo(int end) {
    return IntStream.range(0, end).boxed().toList();
  }

  private static List<Integer> ids(List<Map<String, Object>> rows) {
    return rows.stream().map(row -> (Integer) row.get("id")).toList();
  }

  private void requireClean() {
    Verification found = DataShard.on(l -> disk).verify("t").run();
    assertThat(found.damages()).isEmpty();
    assertThat(found.counts().orphanFiles()).as("files that nothing names").isZero();
  }

  /** Before the first try of every commit somebody else commits: appends, or a property alone. */
  private static final class Raced extends ForwardingStorage {
    private final Table rival;
    private final int appends;
    private boolean first = true;
    private int rows = 1_000;

    Raced(Storage storage, Table rival, int appends) {
      super(storage);
      this.rival = rival;
      this.appends = appends;
    }

    /** Another machine's folder: whoever is on one machine takes turns. */
    @Override
    public String identity(String key) {
      return key.equals("metadata") ? "" : super.identity(key);
    }

    @Override
    public PutOutcome createExclusive(String key, ByteBuffer content) {
      if (first && key.endsWith(".metadata.json")) {
        first = false;
        for (int i = 0; i < appends; i++) {
          rival.append(Tables.rows(rows, rows + 1));
          rows++;
        }
        if (appends == 0) {
          rival.updateProperties().set("comment", "n" + rows++).commit();
        }
      } else {
        first = true;
      }
      return super.createExclusive(key, content);
    }
  }
}
