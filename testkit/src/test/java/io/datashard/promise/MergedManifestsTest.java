package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.storage.Storage;
import io.datashard.table.ManifestFile;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.tables.Tables;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.api.Test;

/** Iceberg's own library finds in merged manifests which snapshot added which file. */
class MergedManifestsTest {
  private final MemoryStorage disk = new MemoryStorage();

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
      ManifestFile first =
          table.manifests(table.currentSnapshot().orElseThrow()).findFirst().orElseThrow();
      assertThat(first.counts().existingFiles()).isEqualTo(64);
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
}
