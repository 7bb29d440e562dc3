package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.FaultyStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A table of many commits keeps few metadata files, and nobody who has it open notices. */
abstract class FewVersionsTests extends TableTests {
  private int commits() {
    return rounds(300);
  }

  /** A bucket keeps the name of each version for an hour of its own clock. */
  private void needsNamesThatGoAtOnce() {
    assumeFalse(disk.isRemote(), "no name is freed so soon");
  }

  private Table create() {
    return DataShard.on(location -> disk)
        .newTable("t", Tables.SCHEMA)
        .property("datashard.history.versions-min", "4")
        .property("datashard.history.version-ms-min", "0")
        .create();
  }

  private long versions() {
    return disk.names("metadata", "v").stream().filter(n -> n.endsWith(".metadata.json")).count();
  }

  @Test
  void oldVersionsGoAndAllRowsStay() {
    needsNamesThatGoAtOnce();
    try (Table table = create();
        Table idle = Tables.load(disk)) {
      for (int i = 0; i < commits(); i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(idle.scan().count()).isEqualTo(commits());
      for (int i = 0; i < commits(); i += 50) {
        Snapshot then = table.snapshots().toList().get(i);
        assertThat(table.scan().at(then.snapshotId()).count()).isEqualTo(i + 1);
      }
    }
    assertThat(versions()).as("kept, and less than a step more").isLessThan(8);
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, commits()));
  }

  /** I7, I10: segments that were merged and roots that were replaced go with their versions. */
  @Test
  void theArchiveKeepsOnlyWhatVersionsReach() {
    needsNamesThatGoAtOnce();
    List<Long> ids = new ArrayList<>();
    try (Table table = create()) {
      table.newTransaction().setProperty("datashard.history.head-bytes", "8192").commit();
      disk.createExclusive(
          "metadata/history/9-0123456789abcdef.segment",
          ByteBuffer.allocate(3)); // of a dead writer
      for (int i = 0; i < commits(); i++) {
        ids.add(table.append(Tables.rows(i, i + 1)).snapshotId());
      }
      assertThat(table.history().archived()).isGreaterThan(commits() - 20);
      int files = disk.listAll("metadata/history").size();
      assertThat(files).isLessThan((int) table.history().archiveFiles() + 10);
    }
    try (Table table = Tables.load(disk);
        Stream<Snapshot> snapshots = table.snapshots()) {
      assertThat(snapshots.map(Snapshot::snapshotId)).containsExactlyElementsOf(ids);
    }
    Verification found = DataShard.on(location -> disk).verify("t").run();
    assertThat(found.damages()).isEmpty();
    assertThat(found.counts().orphanFiles()).isZero();
  }

  @Test
  void withoutArchiveAndLedgerNoVersionIsReadToCleanThem() {
    needsNamesThatGoAtOnce();
    create().close();
    FaultyStorage counting = FaultyStorage.counting(disk);
    try (Table table = Tables.load(counting)) {
      for (int i = 0; i < 20; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(table.history().archived()).isZero();
    }
    assertThat(versions()).isLessThan(8);
    assertThat(counting.log().stream().filter(call -> call.verb() == FaultyStorage.Verb.READ))
        .extracting(FaultyStorage.Call::key)
        .filteredOn(key -> key.endsWith(".metadata.json"))
        .containsOnly("metadata/v1.metadata.json");
  }

  @Test
  void whoWasIdleMeanwhileAppends() {
    try (Table table = create();
        Table idle = Tables.load(disk)) {
      idle.append(Tables.rows(commits(), commits() + 1));
      for (int i = 0; i < commits(); i++) {
        table.append(Tables.rows(i, i + 1));
      }
      idle.append(Tables.rows(commits() + 1, commits() + 2));
      idle.newTransaction().setProperty("owner", "anyone").commit();
      assertThat(idle.scan().count()).isEqualTo(commits() + 2);
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, commits() + 2));
  }

  @Test
  void verifyKnowsWhatWasCleaned() {
    needsNamesThatGoAtOnce();
    try (Table table = create()) {
      for (int i = 0; i < commits(); i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    // A process that slept created a freed name again.
    disk.createExclusive("metadata/v7.metadata.json", ByteBuffer.allocate(3));

    Verification found = DataShard.on(location -> disk).verify("t").run();
    assertThat(found.damages()).isEmpty();
    assertThat(found.counts().versions()).isEqualTo(versions() - 1);
    assertThat(found.counts().orphanFiles()).isZero();
  }
}
