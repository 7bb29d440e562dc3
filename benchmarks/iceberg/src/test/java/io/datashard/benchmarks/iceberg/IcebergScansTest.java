package io.datashard.benchmarks.iceberg;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.benchmarks.scans.Scans;
import java.io.IOException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.data.parquet.GenericParquetWriter;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.parquet.Parquet;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Iceberg Java finds in a table, and in what it wrote itself. */
class IcebergScansTest {
  private static final int ROWS = 100;
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.optional(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "ts", Types.TimestampType.withZone()),
          Types.NestedField.optional(3, "user_id", Types.LongType.get()),
          Types.NestedField.optional(4, "status", Types.StringType.get()),
          Types.NestedField.optional(5, "value", Types.DoubleType.get()),
          Types.NestedField.optional(6, "payload", Types.StringType.get()));

  @TempDir private Path folder;

  @Test
  void rowsAreAddedUp() throws IOException {
    Path path = folder.resolve("table");
    make(path);
    IcebergScans scans = new IcebergScans();
    scans.open(path.toString());
    double ids = ROWS * (ROWS - 1) / 2.0;
    double[] expected = {ROWS, ids, ids * 1_000, ids, ROWS * 2, ids / 2, ROWS * 3};
    assertThat(scans.ask("rows", 1, 0, 0)).containsExactly(expected);
    assertThat(scans.ask("maps", 1, 0, 0)).containsExactly(expected);
    assertThat(scans.ask("rows-two", 1, 0, 0)).containsExactly(ROWS, ids, ROWS * 2);
    assertThat(Scans.answer(scans, "ask", "sum", "1", "0", "0", "1")).startsWith("{\"error\"");

    scans.keep("maps", 10);
    scans.write(folder.resolve("written").toString());
    scans.open(folder.resolve("written").toString());
    assertThat(scans.ask("rows-two", 1, 0, 0)).containsExactly(10, 45, 20);
  }

  private static void make(Path path) throws IOException {
    Table made =
        new HadoopTables(new Configuration())
            .create(SCHEMA, PartitionSpec.unpartitioned(), "file://" + path);
    DataWriter<Record> writer =
        Parquet.writeData(made.io().newOutputFile(made.location() + "/data/0.parquet"))
            .forTable(made)
            .createWriterFunc(GenericParquetWriter::create)
            .build();
    OffsetDateTime first = OffsetDateTime.parse("2026-01-01T00:00:00Z");
    try (writer) {
      for (long id = 0; id < ROWS; id++) {
        Record row = GenericRecord.create(SCHEMA);
        row.set(0, id);
        row.set(1, first.plus(id, ChronoUnit.MILLIS));
        row.set(2, id);
        row.set(3, "ok");
        row.set(4, id / 2.0);
        row.set(5, "abc");
        writer.write(row);
      }
    }
    made.newFastAppend().appendFile(writer.toDataFile()).commit();
  }
}
