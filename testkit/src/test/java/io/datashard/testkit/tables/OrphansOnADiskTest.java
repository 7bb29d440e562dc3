package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.error.ConflictException;
import io.datashard.error.DataShardException;
import io.datashard.error.StorageException;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import io.datashard.table.OrphanFiles;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I7: on a disk a file can be seen, and taken for an orphan, while it is being written. */
class OrphansOnADiskTest {
  private static final Duration GRACE = Duration.ofHours(1);

  @Test
  void ofFilesBeingWrittenOnlyTheOldAreTakenForOrphans() {
    AtomicLong clock = new AtomicLong(1_500_000_000_000L);
    Storage disk = new MemoryStorage("memory:///table", 1, clock::get);
    Tables.create(disk).close();
    try (Table table = Tables.load(disk)) {
      Transaction early = table.newTransaction();
      early.append(OrphanFilesTests.manyRows(0, 30_000));
      clock.addAndGet(2 * GRACE.toMillis());
      Transaction late = table.newTransaction();
      late.append(OrphanFilesTests.manyRows(40_000, 70_000));
      OrphanFiles found =
          OrphanFilesTests.clean(disk); // the early one's file was begun long ago, and not ended
      assertThat(found.files()).hasSize(1);
      assertThat(found.young()).isEqualTo(1);
      assertThatThrownBy(early::commit)
          .isInstanceOfAny(ConflictException.class, StorageException.class);
      late.commit();
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(40_000, 70_000));
    assertThat(TableTests.keys(disk)).isEqualTo(OrphanFilesTests.reached(disk));
  }

  /**
   * On a disk nobody who has a file open notices that it was deleted: it is written and synced as
   * before. Only the look at the fence tells: by whoever makes the round, or, of a transaction that
   * does more than append, by the transaction.
   */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aTransactionWhoseOpenFileWasTakenForAnOrphanIsRefused(
      boolean onlyAppends, @TempDir Path folder) throws Exception {
    Duration shortest = Duration.ofSeconds(1);
    Storage local = LocalStore.of(folder).at("t");
    Tables.create(local).close();
    try (Table table = Tables.load(local);
        Transaction tx = table.newTransaction()) {
      tx.append(OrphanFilesTests.manyRows(0, 30_000));
      if (!onlyAppends) {
        tx.setProperty("owner", "me");
      }
      Thread.sleep(shortest.toMillis() + 100);
      try (Table other = Tables.load(local)) {
        OrphanFiles found = other.removeOrphanFiles().olderThan(shortest).run();
        assertThat(OrphanFilesTests.paths(found)).singleElement().asString().startsWith("data/");
      }
      assertThatThrownBy(tx::commit)
          .isInstanceOf(ConflictException.class)
          .hasMessageContaining("is gone, and a clean-up of orphan files");
      assertThat(table.properties()).doesNotContainKey("owner");
    }
    assertThat(Tables.countsById(local)).isEmpty();
    assertThat(TableTests.keys(local)).isEqualTo(OrphanFilesTests.reached(local));
  }

  @Test
  void aTableThatWasReplacedMeanwhileIsLeftAlone() {
    AtomicLong clock = new AtomicLong(1_500_000_000_000L);
    MemoryStorage disk = new MemoryStorage("memory:///table", 1, clock::get);
    Tables.create(disk).close();
    put(disk);
    clock.addAndGet(2 * GRACE.toMillis());
    Storage replaced =
        new ForwardingStorage(disk) {
          @Override
          public List<Listed> listAll(String folder) {
            List<Listed> found = super.listAll(folder);
            if (folder.equals("metadata")) {
              disk.deleteEverything();
              Tables.create(disk).close();
              put(disk);
            }
            return found;
          }
        };
    assertThatThrownBy(() -> OrphanFilesTests.clean(replaced))
        .isInstanceOf(DataShardException.class);
    assertThat(TableTests.keys(disk)).containsAll(OrphanFilesTests.OURS);
  }

  private static void put(Storage disk) {
    OrphanFilesTests.OURS.forEach(key -> disk.createExclusive(key, ByteBuffer.allocate(7)));
  }
}
