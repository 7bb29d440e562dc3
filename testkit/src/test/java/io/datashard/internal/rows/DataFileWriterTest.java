package io.datashard.internal.rows;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.expr.Bound;
import io.datashard.internal.env.Env;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.Type;
import io.datashard.storage.Locations;
import io.datashard.storage.ReadableFile;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of many partitions in little memory: gathered up to a limit, in few open files. */
class DataFileWriterTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.INT)
          .required("part", Type.INT)
          .optional("text", Type.STRING)
          .build();

  private static final int ROWS = 20_000;
  private static final long GATHERED_BYTES_MAX = 400 << 10;

  @ParameterizedTest
  @CsvSource({
    "part, , 1",
    "part, , 5",
    "part, , 300",
    "part, id, 5",
    "part, id desc, 300",
    ", text, 5",
    ", 'text desc, id', 1"
  })
  void allRowsInFilesOfTheirPartitionInOrder(String partition, String sort, int partitions) {
    MemoryStorage storage = new MemoryStorage(1);
    TableMetadata metadata =
        TableMetadata.create(
            new UUID(1, 1),
            storage.location(),
            SCHEMA,
            PartitionSpec.of(SCHEMA, partition == null ? List.of() : List.of(partition)),
            SortOrder.of(SCHEMA, sort == null ? List.of() : List.of(sort)),
            Map.of(),
            0);
    DataFileWriter writer =
        new DataFileWriter(storage, Env.system(), SCHEMA, metadata, GATHERED_BYTES_MAX);
    SplittableRandom random = new SplittableRandom(3);
    for (int at = 0; at < ROWS; ) {
      int rows = Math.min(ROWS - at, 1 + random.nextInt(3_000));
      writer.write(batch(at, rows, partitions, random));
      at += rows;
      assertThat(writer.gatheredBytes()).isLessThanOrEqualTo(GATHERED_BYTES_MAX);
      assertThat(writer.openFiles()).isLessThanOrEqualTo(4);
      assertThat(writer.pending()).hasSizeLessThanOrEqualTo(64);
    }
    writer.finish();
    assertThat(writer.openFiles()).isZero();
    assertThat(writer.partitions()).isEqualTo(partition == null ? 1 : partitions);
    TreeSet<Integer> found = new TreeSet<>();
    for (DataFile file : writer.files()) {
      Batch rows = read(storage, file);
      assertThat(RowSorter.sorted(rows, SCHEMA, metadata.sortOrder())).isSameAs(rows);
      for (int row = 0; row < rows.rows(); row++) {
        assertThat(found.add((Integer) rows.column(0).value(row))).isTrue();
        if (partition != null) {
          assertThat(file.partition()).containsExactly(rows.column(1).value(row));
        }
      }
    }
    assertThat(found).hasSize(ROWS);
    // As large as memory lets them be: of 300 partitions not all rows fit.
    assertThat(writer.files().size())
        .isBetween(partitions == 300 ? 301 : 1, ROWS / 10 + partitions);
    writer.close();
  }

  /** What verify says of a file whose manifest lies. */
  @Test
  void rowsOfAnotherPartitionAreTold() {
    PartitionSpec spec = PartitionSpec.of(SCHEMA, List.of("truncate(10, id)", "text"));
    Batch rows = batch(5, 10, 1, new SplittableRandom(1)); // ids 5 to 14
    Batch first = rows.slice(0, 1);
    FileMetrics metrics = new FileMetrics(1, 1, Map.of(), List.of());
    Object text = first.column(2).value(0);
    DataFile right =
        new DataFile("file:///t/a", "PARQUET", 0, Arrays.asList(0, text), metrics, null);
    assertThat(new PartitionCheck(SCHEMA, spec, right).see(first)).isNull();
    assertThat(new PartitionCheck(SCHEMA, spec, right).see(rows))
        .startsWith("It has rows of the partition id_trunc=")
        .endsWith("its manifest says id_trunc=0, text=" + text + ".");
    DataFile wrong =
        new DataFile("file:///t/a", "PARQUET", 0, Arrays.asList(10, text), metrics, null);
    assertThat(new PartitionCheck(SCHEMA, spec, wrong).see(first)).contains("id_trunc=0, text=");
  }

  private static Batch batch(int from, int rows, int partitions, SplittableRandom random) {
    BatchBuilder batch = new BatchBuilder(SCHEMA);
    for (int i = 0; i < rows; i++) {
      batch.column(0).addInt(from + i);
      batch.column(1).addInt((from + i) < partitions ? from + i : random.nextInt(partitions));
      batch.column(2).add(random.nextInt(10) == 0 ? null : "text " + random.nextInt(1_000));
      batch.endRow();
    }
    return batch.build();
  }

  private static Batch read(MemoryStorage storage, DataFile file) {
    List<Batch> all = new ArrayList<>();
    String key = Locations.keyOf(file.location(), List.of(storage.location()), "a test");
    try (ReadableFile open = storage.open(key, file.fileSizeBytes());
        ParquetReader reader = ParquetReader.open(open, Map.of());
        BatchReader batches =
            reader.read(SCHEMA, new Bound.Constant(true), 1_000, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        all.add(batch);
      }
    }
    return Batch.concat(all);
  }
}
