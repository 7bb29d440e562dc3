package io.datashard.benchmarks.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.data.Batch;
import io.datashard.data.DoubleColumn;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each benchmark does what its name says; how long it takes is not asked here. */
class BenchmarksRunTest {
  private static final int ROWS = 3_000;

  @Test
  void oneRowAppend() {
    OneRowAppend benchmark = new OneRowAppend();
    benchmark.createTable();
    assertThat(benchmark.append().rowsAdded()).isEqualTo(1);
    assertThat(benchmark.append().version()).isEqualTo(3);
    benchmark.checkAndDelete();
  }

  @Test
  void metadataJson() {
    MetadataJson benchmark = new MetadataJson();
    benchmark.snapshots = 7;
    benchmark.make();
    assertThat(benchmark.parse().snapshots()).hasSize(7);
    assertThat(new String(benchmark.write())).contains("\"last-sequence-number\":7");
    assertThat(new String(benchmark.addSnapshotAndWrite())).contains("\"last-sequence-number\":8");
  }

  @Test
  void manifestRead() {
    ManifestRead benchmark = new ManifestRead();
    benchmark.files = 25;
    benchmark.make();
    assertThat(benchmark.readAll()).isEqualTo(25);
    assertThat(benchmark.readForOneColumn()).isEqualTo(25);
    assertThat(benchmark.written().summary().counts().addedFiles()).isEqualTo(25);
  }

  @Test
  void parquetWrite() {
    ParquetWrite benchmark = new ParquetWrite();
    benchmark.rows = ROWS;
    benchmark.make();
    assertThat(benchmark.write().recordCount()).isEqualTo(ROWS);
    benchmark.deleteFile();
    benchmark.deleteFolder();
  }

  @Test
  void parquetRead() {
    List<Batch> batches = Sample.batches(ROWS);
    double sum = 0;
    long failed = 0;
    for (Batch batch : batches) {
      DoubleColumn values = (DoubleColumn) batch.column("value");
      for (int row = 0; row < batch.rows(); row++) {
        sum += values.isNull(row) ? 0 : values.get(row);
        failed += "failed".equals(batch.column("status").value(row)) ? 1 : 0;
      }
    }
    assertThat(failed).isBetween(ROWS / 20L, ROWS / 5L);

    ParquetRead benchmark = new ParquetRead();
    benchmark.rows = ROWS;
    benchmark.make();
    assertThat(benchmark.sumValue()).isEqualTo(sum);
    assertThat(benchmark.filterStatus()).isEqualTo(failed);
    assertThat(benchmark.filterIdRange()).isEqualTo(ROWS / 1000);
    assertThat(benchmark.readAll()).isEqualTo(ROWS);
    benchmark.delete();
  }
}
