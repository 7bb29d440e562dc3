package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.data.Batch;
import io.datashard.expr.Bound;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What our writer wrote our reader reads: the rows that a filter is true for, no more, no fewer, in
 * order, whatever the sizes of pages, row groups and batches; and it reads no more than it must.
 */
class ParquetRoundTripTest {
  private static final Bound ALL = new Bound.Constant(true);

  @Test
  void randomTablesAndFilters() {
    ReadCounts all = ReadCounts.NONE;
    Workspace shared = new Workspace();
    List<Batch> before = List.of();
    List<String> beforeExpected = List.of();
    for (long seed = 0; seed < 100; seed++) {
      RandomTable table = new RandomTable(seed, 3_000);
      Random random = table.random();
      byte[] bytes = write(table, random);
      for (int filters = 0; filters < 8; filters++) {
        Bound filter = filters == 0 ? ALL : table.predicate(3).bind(table.schema());
        Schema wanted = projection(table.schema(), random);
        String about = "seed " + seed + ", filter " + filters + " " + filter;
        MemoryFile file = new MemoryFile(bytes);
        try (ParquetReader reader = ParquetReader.open(file, Map.of())) {
          assertThat(reader.rowCount()).as(about).isEqualTo(table.rows().size());
          int batchRows = 1 + random.nextInt(random.nextBoolean() ? 5_000 : 50);
          int groups = reader.rowGroupCount();
          BatchReader batches =
              filters % 2 == 0
                  ? reader.read(wanted, filter, batchRows, 0, groups)
                  : reader.read(wanted, filter, batchRows, 0, groups, shared);
          List<Batch> found = batches(batches, batchRows);
          List<String> expected = expected(table, wanted, filter);
          assertThat(shown(found)).as(about).isEqualTo(expected);
          assertThat(shown(before)).as("of the read before " + about).isEqualTo(beforeExpected);
          before = found;
          beforeExpected = expected;
          ReadCounts counts = batches.counts();
          assertThat(counts.rowGroups()).as(about).isEqualTo(reader.rowGroupCount());
          assertThat(counts.rowGroupsSkipped()).as(about).isLessThanOrEqualTo(counts.rowGroups());
          assertThat(counts.pagesSkipped())
              .as(about)
              .isBetween(counts.pagesByIndex(), counts.pages());
          all = all.plus(counts);
        }
      }
    }
    assertThat(all.rowGroupsByStatistics()).as("by statistics").isGreaterThan(40);
    assertThat(all.rowGroupsByBloomFilter()).as("by Bloom filter").isGreaterThan(40);
    assertThat(all.rowGroupsByPageIndex()).as("by page index").isGreaterThan(0);
    assertThat(all.rowGroupsByDictionary()).as("by dictionary").isGreaterThan(0);
    assertThat(all.pagesByIndex()).as("pages by index").isGreaterThan(40);
    assertThat(all.pagesSkipped()).as("pages skipped").isGreaterThan(all.pagesByIndex());
  }

  /** Sizes from absurdly small to whole, every codec, with and without dictionaries. */
  static byte[] write(RandomTable table, Random random) {
    Codec[] codecs = {Codec.ZSTD, Codec.SNAPPY, Codec.GZIP, Codec.LZ4, Codec.NONE};
    WriteOptions options =
        WriteOptions.DEFAULT
            .withCompression(codecs[random.nextInt(codecs.length)], Codecs.LEVEL_DEFAULT)
            .withPages(1 << (6 + random.nextInt(12)), 1 + random.nextInt(2_000))
            .withRowGroupBytesTarget(1 << (10 + random.nextInt(12)))
            .withDictionaryBytesMax(random.nextInt(3) == 0 ? 0 : 1 << random.nextInt(16))
            .withBloomFilters(bloomFilters(table.schema(), random));
    MemoryFile.Open out = new MemoryFile.Open();
    try (ParquetWriter writer = new ParquetWriter(out, table.schema(), options)) {
      for (int at = 0; at < table.rows().size(); ) {
        int end = Math.min(table.rows().size(), at + 1 + random.nextInt(500));
        writer.write(table.batch(at, end));
        at = end;
      }
      writer.finish();
    }
    return out.bytes();
  }

  private static BloomOptions bloomFilters(Schema schema, Random random) {
    Map<String, Double> rates = new HashMap<>();
    for (Field field : schema.fields()) {
      if (random.nextInt(3) > 0) {
        rates.put(field.name(), random.nextInt(3) == 0 ? 0.5 : 0.01);
      }
    }
    return new BloomOptions(rates, 1 << (5 + random.nextInt(12)));
  }

  private static Schema projection(Schema schema, Random random) {
    List<Field> fields = new ArrayList<>(schema.fields());
    Collections.shuffle(fields, random);
    List<Field> some = fields.subList(0, random.nextInt(fields.size() + 1));
    return Schema.of(random.nextBoolean() ? fields : some);
  }

  static List<String> rows(BatchReader reader, int batchRowsMax) {
    return shown(batches(reader, batchRowsMax));
  }

  /** Kept to the end, since what was handed out must not change with what is read later. */
  private static List<Batch> batches(BatchReader reader, int batchRowsMax) {
    List<Batch> batches = new ArrayList<>();
    try (reader) {
      for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
        assertThat(batch.rows()).isBetween(1, batchRowsMax);
        batches.add(batch);
      }
    }
    return batches;
  }

  private static List<String> shown(List<Batch> batches) {
    List<String> rows = new ArrayList<>();
    for (Batch batch : batches) {
      for (int row = 0; row < batch.rows(); row++) {
        rows.add(RandomTable.show(batch, row));
      }
    }
    return rows;
  }

  private static List<String> expected(RandomTable table, Schema wanted, Bound filter) {
    return table.rows().stream()
        .filter(row -> RandomFilters.evaluate(filter, row))
        .map(row -> RandomTable.show(wanted, row))
        .toList();
  }

  @Test
  void rowGroupsAreReadApart() {
    for (long seed = 0; seed < 30; seed++) {
      RandomTable table = new RandomTable(seed, 2_000);
      byte[] bytes = write(table, table.random());
      try (ParquetReader reader = ParquetReader.open(new MemoryFile(bytes), Map.of())) {
        List<String> parts = new ArrayList<>();
        for (int group = 0; group < reader.rowGroupCount(); group++) {
          List<String> part = rows(reader.read(table.schema(), ALL, 100, group, group + 1), 100);
          assertThat((long) part.size()).isEqualTo(reader.rowGroupRows(group));
          parts.addAll(part);
        }
        assertThat(parts).as("seed " + seed).isEqualTo(expected(table, table.schema(), ALL));
      }
    }
  }

  @Test
  void aSmallFileTakesOneRead() {
    RandomTable table = new RandomTable(7, 1_000);
    MemoryFile file = new MemoryFile(write(table, new Random(1)));
    try (ParquetReader reader = ParquetReader.open(file, Map.of())) {
      rows(reader.read(table.schema(), ALL, 100, 0, reader.rowGroupCount()), 100);
    }
    assertThat(file.reads()).isEqualTo(1);
    assertThat(file.isClosed()).isTrue();
  }

  @Test
  void aFilterOnASortedColumnReadsLittleOfALargeFile() {
    Schema schema =
        Schema.builder().required("id", Type.LONG).required("note", Type.STRING).build();
    MemoryFile.Open out = new MemoryFile.Open();
    Random random = new Random(5);
    try (ParquetWriter writer =
        new ParquetWriter(
            out, schema, WriteOptions.DEFAULT.withCompression(Codec.NONE, Codecs.LEVEL_DEFAULT))) {
      for (int part = 0; part < 50; part++) {
        var builder = new io.datashard.data.BatchBuilder(schema);
        for (int i = 0; i < 2_000; i++) {
          builder.column(0).addLong(part * 2_000L + i);
          builder.column(1).add(Long.toHexString(random.nextLong()));
          builder.endRow();
        }
        writer.write(builder.build());
      }
      writer.finish();
    }
    MemoryFile file = new MemoryFile(out.bytes());
    assertThat(file.length()).isGreaterThan(1_500_000);
    Bound filter = io.datashard.expr.Predicate.parse("id BETWEEN 70000 AND 70002").bind(schema);
    try (ParquetReader reader = ParquetReader.open(file, Map.of())) {
      BatchReader batches = reader.read(schema, filter, 4_096, 0, reader.rowGroupCount());
      long opened = file.bytesRead();
      assertThat(rows(batches, 4_096)).hasSize(3);
      assertThat(batches.bytesRead()).isEqualTo(file.bytesRead() - opened);
      assertThat(batches.bytesRead()).isLessThan(file.length() / 4);
      assertThat(file.reads()).isLessThanOrEqualTo(5);
    }
  }

  @Test
  void largeValuesMakeSmallBatches() {
    Schema schema = Schema.builder().required("id", Type.INT).required("blob", Type.BINARY).build();
    MemoryFile.Open out = new MemoryFile.Open();
    try (ParquetWriter writer = new ParquetWriter(out, schema, WriteOptions.DEFAULT)) {
      for (int id = 0; id < 60; id++) {
        var builder = new io.datashard.data.BatchBuilder(schema);
        builder.column(0).addInt(id);
        byte[] blob = new byte[5 << 20];
        blob[id] = 1;
        builder.column(1).addBytes(blob);
        builder.endRow();
        writer.write(builder.build());
      }
      writer.finish();
    }
    for (String text : List.of("id >= 0", "id != 7", "id < 50 OR id = 59")) {
      Bound filter = io.datashard.expr.Predicate.parse(text).bind(schema);
      try (ParquetReader reader = ParquetReader.open(new MemoryFile(out.bytes()), Map.of());
          BatchReader batches = reader.read(schema, filter, 4_096, 0, reader.rowGroupCount())) {
        List<Integer> ids = new ArrayList<>();
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
          assertThat(batch.rows()).as(text).isLessThanOrEqualTo(8);
          var blobs = (io.datashard.data.BytesColumn) batch.column(1);
          for (int row = 0; row < batch.rows(); row++) {
            int id = ((io.datashard.data.IntColumn) batch.column(0)).get(row);
            assertThat(blobs.bytes()[blobs.start(blobs.code(row)) + id]).isEqualTo((byte) 1);
            ids.add(id);
          }
        }
        assertThat(ids)
            .as(text)
            .isEqualTo(
                IntStream.range(0, 60)
                    .filter(id -> RandomFilters.evaluate(filter, Map.of(1, id)))
                    .boxed()
                    .toList());
      }
    }
  }
}
