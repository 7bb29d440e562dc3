package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** A table of many commits keeps few metadata files, and nobody who has it open notices. */
class FewVersionsTest {
  private static final int COMMITS = 300;

  private final MemoryStorage disk = new MemoryStorage();

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
    try (Table table = create();
        Table idle = Tables.load(disk)) {
      for (int i = 0; i < COMMITS; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      assertThat(idle.scan().count()).isEqualTo(COMMITS);
      for (int i = 0; i < COMMITS; i += 50) {
        Snapshot then = table.snapshots().toList().get(i);
        assertThat(table.scan().at(then.snapshotId()).count()).isEqualTo(i + 1);
      }
    }
    assertThat(versions()).as("kept, and less than a step more").isLessThan(8);
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, COMMITS));
  }

  @Test
  void whoWasIdleMeanwhileAppends() {
    try (Table table = create();
        Table idle = Tables.load(disk)) {
      idle.append(Tables.rows(COMMITS, COMMITS + 1));
      for (int i = 0; i < COMMITS; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      idle.append(Tables.rows(COMMITS + 1, COMMITS + 2));
      idle.newTransaction().setProperty("owner", "anyone").commit();
      assertThat(idle.scan().count()).isEqualTo(COMMITS + 2);
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, COMMITS + 2));
  }

  @Test
  void verifyKnowsWhatWasCleaned() {
    try (Table table = create()) {
      for (int i = 0; i < COMMITS; i++) {
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
