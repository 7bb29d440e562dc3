package io.datashard.testkit.tables;

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
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A table of many small commits has few manifests, the same rows in the same order, no rubbish. */
abstract class FewManifestsTests extends TableTests {
  @Test
  void manifestsStayFewAndRowsInOrder() {
    int commits = rounds(560);
    try (Table table = Tables.create(disk)) {
      int most = 0;
      for (int i = 0; i < commits; i++) {
        table.append(Tables.rows(i, i + 1));
        most = Math.max(most, manifests(table).size());
      }
      assertThat(most).as("7 of each of 4 tiers at most").isBetween(8, 28);
      assertThat(ids(table.scan().toMaps())).isEqualTo(upTo(commits));
      for (int i = 0; i < commits; i += 50) {
        Snapshot then = table.snapshots().toList().get(i);
        assertThat(ids(table.scan().at(then.snapshotId()).toMaps())).isEqualTo(upTo(i + 1));
      }
    }
    requireClean();
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
    int commits = rounds(100);
    Tables.create(disk).close();
    try (Table rival = Tables.load(disk)) {
      Raced raced = new Raced(disk, rival, 3);
      try (Table table = Tables.load(raced)) {
        for (int i = 0; i < commits; i++) {
          table.append(Tables.rows(i, i + 1));
        }
        assertThat(table.scan().count()).isEqualTo(commits + raced.appended());
        assertThat(manifests(table).size()).isLessThan(28);
      }
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
    damage(broken, content);
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

    /** How many rows the rival appended. */
    int appended() {
      return rows - 1_000;
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
