package io.datashard.benchmarks.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.benchmarks.compare.Rows;
import io.datashard.benchmarks.compare.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The orders of {@code benchmarks/run}, answered by Iceberg Java. */
class IcebergTableTest {
  @TempDir Path folder;

  @Test
  void rowsThatWereAppendedAreRead() throws IOException {
    Path table = folder.resolve("table");
    IcebergTable iceberg = new IcebergTable();
    Worker<Record> worker = new Worker<>(iceberg);

    assertThat(worker.answer("create\t" + table)).isEqualTo("{}");
    assertThat(worker.answer("append\t0\t1\t2\t60000")).contains("\"failed\": []");
    assertThat(worker.answer("append\t2\t10\t3\t60000")).contains("\"failed\": []");
    assertThat(worker.answer("open\t" + table)).isEqualTo("{}");

    List<Record> rows = iceberg.read();
    assertThat(rows).hasSize(32);
    assertThat(worker.answer("read\t1")).endsWith("\"" + Rows.digest(iceberg, rows) + "\"}");
    assertThat(worker.answer("ids")).contains("31");
    assertThat(IcebergTable.count(table.toString())).isEqualTo(32);
  }
}
