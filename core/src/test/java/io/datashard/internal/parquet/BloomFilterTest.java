package io.datashard.internal.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.expr.RandomFilters;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Bloom filters rule out row groups that do not hold a value, never one that does, are as small as
 * the distinct values allow, and are written only where a dictionary does not tell the same.
 */
class BloomFilterTest {
  private static final int ROWS = 3_000;

  private static final List<Type> TYPES =
      List.of(
          Type.INT,
          Type.LONG,
          Type.FLOAT,
          Type.DOUBLE,
          Type.DATE,
          Type.TIME,
          Type.TIMESTAMP,
          Type.TIMESTAMPTZ,
          Type.decimal(7, 2),
          Type.decimal(16, 4),
          Type.decimal(38, 10),
          Type.STRING,
          Type.UUID,
          Type.fixed(11),
          Type.BINARY);

  @Test
  void everyValueIsFoundAndFewOthersSeemToBeThere() {
    for (Type type : TYPES) {
      Schema schema = Schema.builder().optional("c", type).build();
      RandomTable table = new RandomTable(31, schema, ROWS);
      byte[] file = write(table, Map.of("c", 0.01), 0, 1 << 20);
      Field field = schema.field(0);
      Set<Object> there = new HashSet<>();
      for (Map<Integer, Object> row : table.rows()) {
        Object value = row.get(field.id());
        if (value != null && !isNan(value)) {
          there.add(value instanceof byte[] bytes ? java.nio.ByteBuffer.wrap(bytes) : value);
        }
      }
      List<Object> some = new ArrayList<>(there);
      for (Object value : some.subList(0, Math.min(100, some.size()))) {
        Object literal = value instanceof java.nio.ByteBuffer bytes ? bytes.array() : value;
        assertThat(read(file, schema, new Bound.Compare(field, Predicate.Op.EQ, literal, false)))
            .as(type + " = " + value)
            .extracting(Read::rows)
            .isEqualTo(matching(table, new Bound.Compare(field, Predicate.Op.EQ, literal, false)));
      }
      int skipped = 0;
      int asked = 0;
      for (int i = 0; i < 400; i++) {
        Object other = table.value(type);
        Object key = other instanceof byte[] bytes ? java.nio.ByteBuffer.wrap(bytes) : other;
        if (isNan(other) || there.contains(key) || isZero(other)) {
          continue;
        }
        asked++;
        Read read = read(file, schema, new Bound.Compare(field, Predicate.Op.EQ, other, false));
        assertThat(read.rows()).as(type + " = " + other).isEmpty();
        ReadCounts counts = read.counts();
        skipped += counts.rowGroupsByBloomFilter() + counts.rowGroupsByStatistics() > 0 ? 1 : 0;
      }
      assertThat(asked).as(type + " asked").isGreaterThan(10);
      assertThat(asked - skipped).as(type + ", of " + asked).isLessThanOrEqualTo(3 + asked / 30);
    }
  }

  private static boolean isNan(Object value) {
    return value instanceof Double wide
        ? wide.isNaN()
        : value instanceof Float narrow && narrow.isNaN();
  }

  private static boolean isZero(Object value) {
    return value instanceof Double wide ? wide == 0 : value instanceof Float narrow && narrow == 0;
  }

  @Test
  void bothZerosAreFoundByEither() {
    for (Type type : List.of(Type.FLOAT, Type.DOUBLE)) {
      Schema schema = Schema.builder().required(1, "c", type).build();
      for (double stored : new double[] {0.0, -0.0}) {
        var batch = new io.datashard.data.BatchBuilder(schema);
        for (int i = 0; i < 50; i++) {
          double value = i == 20 ? stored : i == 30 ? Double.NaN : i % 2 == 0 ? i + 1 : -i;
          batch.column(0).add(type == Type.FLOAT ? (Object) (float) value : (Object) value);
          batch.endRow();
        }
        byte[] file = write(schema, batch.build());
        for (String zero : List.of("c = 0.0", "c = -0.0", "c IN (-0.0, 99.5)")) {
          Read read = read(file, schema, Predicate.parse(zero).bind(schema));
          assertThat(read.rows()).as(type + " " + stored + ": " + zero).hasSize(1);
        }
        assertThat(read(file, schema, Predicate.parse("c = 0.5").bind(schema)).counts())
            .extracting(ReadCounts::rowGroupsByBloomFilter)
            .isEqualTo(1L);
        assertThat(read(file, schema, Predicate.parse("c IS NAN").bind(schema)).rows()).hasSize(1);
      }
    }
  }

  /** A part that the filter rules out and one that statistics rule out do it together. */
  @Test
  void filtersAndStatisticsJoin() {
    Schema schema = Schema.builder().required("a", Type.LONG).required("b", Type.LONG).build();
    var batch = new io.datashard.data.BatchBuilder(schema);
    for (long i = 0; i < 2_000; i++) {
      batch.column(0).addLong(i * 1_000_003);
      batch.column(1).addLong(i);
      batch.endRow();
    }
    byte[] file = write(schema, batch.build());
    for (String filter :
        List.of("a = 5", "a = 5 OR b > 9000", "a IN (5, 6, 7) AND b < 10", "NOT (a != 5)")) {
      Read read = read(file, schema, Predicate.parse(filter).bind(schema));
      assertThat(read.rows()).as(filter).isEmpty();
      assertThat(read.counts().rowGroupsByBloomFilter()).as(filter).isEqualTo(1);
    }
    for (String filter : List.of("a != 5", "a > 5 AND a < 7", "NOT a IN (5)", "a = 5 OR b = 7")) {
      Read read = read(file, schema, Predicate.parse(filter).bind(schema));
      assertThat(read.counts().rowGroupsByBloomFilter()).as(filter).isZero();
      assertThat(read.rows()).as(filter).isEqualTo(rowsOf(file, schema, filter));
    }
  }

  private static List<String> rowsOf(byte[] file, Schema schema, String filter) {
    Bound bound = Predicate.parse(filter).bind(schema);
    List<String> rows = new ArrayList<>();
    for (long i = 0; i < 2_000; i++) {
      Map<Integer, Object> row =
          Map.of(schema.field(0).id(), i * 1_000_003, schema.field(1).id(), i);
      if (RandomFilters.evaluate(bound, row)) {
        rows.add(RandomTable.show(schema, row));
      }
    }
    return rows;
  }

  @Test
  void aColumnThatIsAllDictionaryHasNone() {
    Schema schema =
        Schema.builder().required("few", Type.STRING).required("many", Type.STRING).build();
    Random random = new Random(3);
    var batch = new io.datashard.data.BatchBuilder(schema);
    for (int i = 0; i < 5_000; i++) {
      batch.column(0).add("word-" + i % 5);
      batch.column(1).add(Long.toHexString(random.nextLong()));
      batch.endRow();
    }
    byte[] file = write(schema, batch.build());
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(file), Map.of())) {
      var few = reader.footer().chunk(0, reader.footer().columns().get(0)).getMeta_data();
      var many = reader.footer().chunk(0, reader.footer().columns().get(1)).getMeta_data();
      assertThat(few.isSetBloom_filter_offset()).isFalse();
      assertThat(many.isSetBloom_filter_offset()).isTrue();
      assertThat(many.getBloom_filter_length()).isBetween(8 << 10, (8 << 10) + 64);
    }
  }

  /** Where a dictionary is given up, the filter holds its entries and what came later. */
  @Test
  void aChunkOfDictionaryAndPlainPagesIsWhollyInTheFilter() {
    Schema schema = Schema.builder().required(1, "c", Type.STRING).build();
    var batch = new io.datashard.data.BatchBuilder(schema);
    Random random = new Random(4);
    List<String> values = new ArrayList<>();
    for (int i = 0; i < 40_000; i++) {
      values.add(i < 20_000 ? "early-" + i % 60 : "late-" + random.nextInt(1 << 28));
      batch.column(0).add(values.get(i));
      batch.endRow();
    }
    MemoryFile.Open out = new MemoryFile.Open();
    WriteOptions options =
        WriteOptions.DEFAULT
            .withPages(8 << 10, 2_000)
            .withDictionaryBytesMax(4 << 10)
            .withBloomFilters(new BloomOptions(Map.of("c", 0.01), 1 << 20));
    try (ParquetWriter writer = new ParquetWriter(out, schema, options)) {
      writer.write(batch.build());
      writer.finish();
    }
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(out.bytes()), Map.of())) {
      var about = reader.footer().chunk(0, reader.footer().columns().get(0)).getMeta_data();
      assertThat(about.isSetDictionary_page_offset()).isTrue();
      BloomFilter filter =
          BloomFilter.read(
              about, new FileBytes(new MemoryFile(out.bytes())), out.bytes().length, true);
      for (String value : values) {
        byte[] bytes = value.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        assertThat(filter.mayHold(XxHash.of(bytes, 0, bytes.length))).as(value).isTrue();
      }
    }
    for (int i = 0; i < values.size(); i += 997) {
      Bound filter = new Bound.Compare(schema.field(0), Predicate.Op.EQ, values.get(i), false);
      assertThat(read(out.bytes(), schema, filter).rows()).as(values.get(i)).isNotEmpty();
    }
    int ruledOut = 0;
    for (int i = 0; i < 20; i++) {
      Bound filter = Predicate.parse("c = 'late-" + i + "x'").bind(schema);
      ruledOut += (int) read(out.bytes(), schema, filter).counts().rowGroupsByBloomFilter();
    }
    assertThat(ruledOut).isGreaterThan(17);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 100, 5_000, 20_000, 300_000})
  void theSizeFollowsTheDistinctValues(int distinct) {
    double rate = 0.01;
    BloomFilterBuilder builder = new BloomFilterBuilder(rate, 1 << 20);
    Random random = new Random(distinct);
    long[] hashes = random.longs(distinct).toArray();
    for (int round = 0; round < 3; round++) {
      for (long hash : hashes) {
        builder.add(hash);
      }
    }
    byte[] bitset = builder.build();
    double bitsWanted = -8 * distinct / Math.log(1 - Math.pow(rate, 1.0 / 8));
    assertThat((double) bitset.length).isBetween(bitsWanted / 8 * 0.97, bitsWanted / 4 + 32);
    for (long hash : hashes) {
      assertThat(holds(bitset, hash)).isTrue();
    }
    int wrong = 0;
    for (int i = 0; i < 20_000; i++) {
      wrong += holds(bitset, random.nextLong()) ? 1 : 0;
    }
    assertThat(wrong).isLessThan(400);
    assertThat(builder.isEmpty()).isTrue();
  }

  private static boolean holds(byte[] bitset, long hash) {
    int block = SplitBlock.of(hash, bitset.length / SplitBlock.BYTES);
    return SplitBlock.mayHold(bitset, block * SplitBlock.BYTES, hash);
  }

  @Test
  void aFilterIsNoLargerThanAllowed() {
    BloomFilterBuilder builder = new BloomFilterBuilder(0.001, 5_000);
    new Random(1).longs(50_000).forEach(builder::add);
    assertThat(builder.build()).hasSize(4_096);
  }

  /** A hash of a value that was published with the algorithm. Spec: xxHash, test vectors. */
  @Test
  void theHashIsXxh64() {
    assertThat(XxHash.of(new byte[0], 0, 0)).isEqualTo(0xEF46DB3751D8E999L);
    byte[] abc = {9, 'a', 'b', 'c', 9};
    assertThat(XxHash.of(abc, 1, 4)).isEqualTo(0x44BC2CF5AD770999L);
    assertThat(XxHash.of(7, 4, new byte[8])).isEqualTo(XxHash.of(new byte[] {7, 0, 0, 0}, 0, 4));
  }

  @Test
  void ratesAndSizesThatMakeNoSenseAreRefused() {
    assertThatThrownBy(() -> new BloomOptions(Map.of("c", 1.0), 64))
        .hasMessageContaining("'c'")
        .hasMessageContaining("1.0");
    assertThatThrownBy(() -> new BloomOptions(Map.of(), 31)).hasMessageContaining("31");
  }

  private static byte[] write(Schema schema, io.datashard.data.Batch batch) {
    Map<String, Double> all = new HashMap<>();
    schema.fields().forEach(f -> all.put(f.name(), 0.01));
    MemoryFile.Open out = new MemoryFile.Open();
    WriteOptions options = WriteOptions.DEFAULT.withBloomFilters(new BloomOptions(all, 1 << 20));
    try (ParquetWriter writer = new ParquetWriter(out, schema, options)) {
      writer.write(batch);
      writer.finish();
    }
    return out.bytes();
  }

  private static byte[] write(
      RandomTable table, Map<String, Double> filters, int dictionaryBytesMax, int bytesMax) {
    MemoryFile.Open out = new MemoryFile.Open();
    WriteOptions options =
        WriteOptions.DEFAULT
            .withDictionaryBytesMax(dictionaryBytesMax)
            .withBloomFilters(new BloomOptions(filters, bytesMax));
    try (ParquetWriter writer = new ParquetWriter(out, table.schema(), options)) {
      writer.write(table.batch(0, table.rows().size()));
      writer.finish();
    }
    return out.bytes();
  }

  private record Read(List<String> rows, ReadCounts counts) {}

  private static Read read(byte[] file, Schema schema, Bound filter) {
    try (ParquetReader reader = ParquetReader.open(new MemoryFile(file), Map.of())) {
      BatchReader batches = reader.read(schema, filter, 5_000, 0, reader.rowGroupCount());
      List<String> rows = ParquetRoundTripTest.rows(batches, 5_000);
      return new Read(rows, batches.counts());
    }
  }

  private static List<String> matching(RandomTable table, Bound filter) {
    return table.rows().stream()
        .filter(row -> RandomFilters.evaluate(filter, row))
        .map(row -> RandomTable.show(table.schema(), row))
        .toList();
  }
}
