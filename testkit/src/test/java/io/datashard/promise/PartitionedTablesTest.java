package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Append;
import io.datashard.DataShard;
import io.datashard.NewTable;
import io.datashard.Table;
import io.datashard.WideValues;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.SortOrder.Direction;
import io.datashard.schema.SortOrder.NullOrder;
import io.datashard.schema.SortOrder.SortField;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.storage.Locations;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.tables.Tables;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table that divides and sorts its rows holds the same rows as one that does not, under any
 * filter; each file holds rows of its partition only, in the table's order.
 */
class PartitionedTablesTest {
  private static final List<Type> TYPES =
      List.of(
          Type.BOOLEAN,
          Type.INT,
          Type.LONG,
          Type.FLOAT,
          Type.DOUBLE,
          Type.decimal(9, 2),
          Type.decimal(30, 5),
          Type.DATE,
          Type.TIME,
          Type.TIMESTAMP,
          Type.TIMESTAMPTZ,
          Type.STRING,
          Type.UUID,
          Type.fixed(3),
          Type.BINARY);

  private static final List<String> TRANSFORMS =
      List.of(
          "identity(%s)",
          "bucket(4, %s)",
          "truncate(2, %s)",
          "truncate(1000, %s)",
          "year(%s)",
          "month(%s)",
          "day(%s)",
          "hour(%s)",
          "void(%s)");

  private static final Schema SCHEMA = schema();

  @TempDir private Path folder;

  private final Map<String, List<Object>> pools = new LinkedHashMap<>();
  private SplittableRandom random = new SplittableRandom(0);
  private long nextId;

  private static Schema schema() {
    Schema.Builder builder = Schema.builder().required("id", Type.LONG);
    TYPES.forEach(type -> builder.optional("c " + type, type));
    return builder.build();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void partitionsAndOrderChangeNothingButTheFiles(long seed) {
    requireSameAsPlain(seed);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void otherPartitionsAndOrdersDoNotEither(long seed) {
    requireSameAsPlain(seed);
  }

  private void requireSameAsPlain(long seed) {
    random = new SplittableRandom(seed);
    for (Field field : SCHEMA.fields()) {
      List<Object> pool = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        pool.add(WideValues.of(field.type(), random));
      }
      pools.put(field.name(), pool);
    }
    Storage storage = new MemoryStorage(seed);
    Storage plainStorage = new MemoryStorage(seed + 1_000);
    NewTable planned =
        DataShard.on(l -> storage)
            .newTable("t", SCHEMA)
            .partitionedBy(fields(1 + random.nextInt(3)).toArray(String[]::new))
            .sortedBy(sortFields(random.nextInt(3)).toArray(String[]::new))
            .property("write.parquet.page-size-bytes", "1024");
    try (Table table = planned.create();
        Table plain = DataShard.on(l -> plainStorage).createTable("t", SCHEMA)) {
      String what =
          "seed "
              + seed
              + ", "
              + table.partitionSpec().text(SCHEMA)
              + "; "
              + table.sortOrder().text(SCHEMA);
      for (int step = 0; step < 4; step++) {
        List<Map<String, @Nullable Object>> rows = rows(table, 5 + random.nextInt(120));
        append(table, rows);
        plain.append(rows);
      }
      assertThat(table.scan().count()).as(what).isEqualTo(plain.scan().count());
      for (int i = 0; i < 100; i++) {
        Predicate filter = filter(2);
        assertThat(ids(table, filter)).as("%s, %s", what, filter).isEqualTo(ids(plain, filter));
        assertThat(table.scan().where(filter).count())
            .as("%s, %s", what, filter)
            .isEqualTo(plain.scan().where(filter).count());
      }
      for (DataFile file : files(table)) {
        requireSorted(storage, table, file, what);
      }
    }
    var found = DataShard.on(l -> storage).verify("t").deep().run();
    assertThat(found.damages()).as("seed %d", seed).isEmpty();
  }

  private List<String> fields(int count) {
    List<String> all = new ArrayList<>();
    while (all.size() < count) {
      String text =
          String.format(TRANSFORMS.get(random.nextInt(TRANSFORMS.size())), quoted(column()));
      all.add(text + " as p" + all.size());
      try {
        PartitionSpec.of(SCHEMA, all);
      } catch (IllegalArgumentException e) {
        all.remove(all.size() - 1); // the transform does not go with the type
      }
    }
    return all;
  }

  private List<String> sortFields(int count) {
    List<String> all = new ArrayList<>();
    while (all.size() < count) {
      String term =
          String.format(
              TRANSFORMS.get(random.nextBoolean() ? 0 : random.nextInt(TRANSFORMS.size())),
              quoted(column()));
      all.add(
          term
              + (random.nextBoolean() ? "" : " desc")
              + (random.nextBoolean()
                  ? ""
                  : " nulls " + (random.nextBoolean() ? "first" : "last")));
      try {
        SortOrder.of(SCHEMA, all);
      } catch (IllegalArgumentException e) {
        all.remove(all.size() - 1);
      }
    }
    return all;
  }

  private String column() {
    return SCHEMA.field(1 + random.nextInt(SCHEMA.size() - 1)).name();
  }

  private static String quoted(String name) {
    return "\"" + name + "\"";
  }

  /** Rows that have a partition and a place in the order. */
  private List<Map<String, @Nullable Object>> rows(Table table, int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    while (rows.size() < count) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("id", nextId++);
      for (Field field : SCHEMA.fields().subList(1, SCHEMA.size())) {
        row.put(field.name(), random.nextInt(8) == 0 ? null : pick(field));
      }
      if (hasResults(table, row)) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static boolean hasResults(Table table, Map<String, @Nullable Object> row) {
    try {
      for (PartitionField field : table.partitionSpec().fields()) {
        result(field.sourceId(), field.transform(), row);
      }
      for (SortField field : table.sortOrder().fields()) {
        result(field.sourceId(), field.transform(), row);
      }
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static @Nullable Object result(
      int sourceId, Transform transform, Map<String, @Nullable Object> row) {
    Field source = SCHEMA.fieldById(sourceId).orElseThrow();
    return transform.apply(source.type(), row.get(source.name()));
  }

  private Object pick(Field field) {
    List<Object> pool = pools.get(field.name());
    return pool.get(random.nextInt(pool.size()));
  }

  private void append(Table table, List<Map<String, @Nullable Object>> rows) {
    int way = random.nextInt(3);
    if (way == 0) {
      table.append(rows);
    } else if (way == 1) {
      try (var transaction = table.newTransaction()) {
        transaction.append(rows);
        transaction.setProperty("note", "n" + nextId);
        transaction.commit();
      }
    } else {
      BatchBuilder batch = new BatchBuilder(SCHEMA);
      for (Map<String, @Nullable Object> row : rows) {
        for (int i = 0; i < SCHEMA.size(); i++) {
          batch.column(i).add(row.get(SCHEMA.field(i).name()));
        }
        batch.endRow();
      }
      Append append = table.newAppend().batches(List.of(batch.build()));
      append.commit();
      assertThat(append.partitions()).isPositive();
    }
  }

  private Predicate filter(int depth) {
    if (depth > 0 && random.nextInt(3) == 0) {
      Predicate a = filter(depth - 1);
      Predicate b = filter(depth - 1);
      Predicate both = random.nextBoolean() ? a.and(b) : a.or(b);
      return random.nextInt(3) == 0 ? Predicate.not(both) : both;
    }
    Predicate leaf = leaf();
    return random.nextInt(4) == 0 ? Predicate.not(leaf) : leaf;
  }

  private Predicate leaf() {
    Field field = SCHEMA.field(1 + random.nextInt(SCHEMA.size() - 1));
    var column = Predicate.column(field.name());
    Object literal = random.nextInt(4) > 0 ? pick(field) : WideValues.of(field.type(), random);
    int kind = random.nextInt(9);
    if (isNan(literal) || kind == 8) {
      return column.isNull();
    }
    if (kind == 7 && literal instanceof String text) {
      int end = text.isEmpty() ? 0 : text.offsetByCodePoints(0, 1);
      return column.startsWith(text.substring(0, end));
    }
    if (kind == 7 && (field.type() == Type.DOUBLE || field.type() == Type.FLOAT)) {
      return column.isNan();
    }
    if (kind >= 6) {
      Object other = pick(field);
      return isNan(other) ? column.in(List.of(literal)) : column.in(List.of(literal, other));
    }
    Predicate.Op op = Predicate.Op.values()[field.type() == Type.BOOLEAN ? kind % 2 : kind];
    return new Predicate.Compare(field.name(), op, literal);
  }

  private static boolean isNan(Object value) {
    return value instanceof Double d && d.isNaN() || value instanceof Float f && f.isNaN();
  }

  private static List<Object> ids(Table table, Predicate filter) {
    return table.scan().where(filter).select("id").toMaps().stream()
        .map(row -> row.get("id"))
        .sorted()
        .toList();
  }

  private static List<DataFile> files(Table table) {
    try (Stream<DataFile> files = table.dataFiles(table.currentSnapshot().orElseThrow())) {
      return files.toList();
    }
  }

  private static void requireSorted(Storage storage, Table table, DataFile file, String what) {
    SortOrder order = table.sortOrder();
    assertThat(file.sortOrderId()).isEqualTo(order.id());
    List<Map<String, @Nullable Object>> rows = rowsOf(storage, file);
    for (int i = 1; i < rows.size(); i++) {
      int sign = 0;
      for (SortField field : order.fields()) {
        if (sign == 0) {
          sign = compare(field, rows.get(i - 1), rows.get(i));
        }
      }
      assertThat(sign).as("%s: rows %d and %d of %s", what, i - 1, i, file).isNotPositive();
      if (sign == 0) {
        assertThat((Long) rows.get(i - 1).get("id"))
            .as("equal rows keep their order")
            .isLessThan((Long) rows.get(i).get("id"));
      }
    }
  }

  private static List<Map<String, @Nullable Object>> rowsOf(Storage storage, DataFile file) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    String key = Locations.keyOf(file.location(), List.of(storage.location()), "a test");
    try (ReadableFile open = storage.open(key, file.fileSizeBytes());
        ParquetReader reader = ParquetReader.open(open, Map.of());
        BatchReader batches =
            reader.read(SCHEMA, new Bound.Constant(true), 1_000, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int row = 0; row < batch.rows(); row++) {
          Map<String, @Nullable Object> values = new LinkedHashMap<>();
          for (int i = 0; i < SCHEMA.size(); i++) {
            values.put(SCHEMA.field(i).name(), batch.column(i).value(row));
          }
          rows.add(values);
        }
      }
    }
    return rows;
  }

  private static int compare(
      SortField field, Map<String, @Nullable Object> one, Map<String, @Nullable Object> next) {
    Type type =
        field.transform().resultType(SCHEMA.fieldById(field.sourceId()).orElseThrow().type());
    Object a = result(field.sourceId(), field.transform(), one);
    Object b = result(field.sourceId(), field.transform(), next);
    if (a == null || b == null) {
      int nulls = field.nullOrder() == NullOrder.FIRST ? -1 : 1;
      return a == b ? 0 : a == null ? nulls : -nulls;
    }
    int sign =
        a instanceof Double || a instanceof Float
            ? Double.compare(((Number) a).doubleValue(), ((Number) b).doubleValue())
            : ValueOrder.compare(type, a, b);
    return field.direction() == Direction.ASC ? sign : -sign;
  }

  @Test
  void aRowWithoutAPartitionFailsItsOwnAppend() {
    Schema schema = Schema.builder().optional("n", Type.INT).build();
    Storage storage = new MemoryStorage(1);
    try (Table table =
        DataShard.on(l -> storage)
            .newTable("t", schema)
            .partitionedBy("truncate(10, n)")
            .create()) {
      table.append(List.of(Map.of("n", 5)));
      assertThatThrownBy(() -> table.append(List.of(Map.of("n", Integer.MIN_VALUE))))
          .isInstanceOf(InvalidRowException.class)
          .hasMessage(
              "Column 'n': there is no partition 'n_trunc' for a value: truncate(10, int) of"
                  + " -2147483648 is beyond what int holds. Nothing was committed.");
      assertThat(table.scan().count()).isEqualTo(1);
    }
  }

  /** Appends of many threads share commits: one file for each partition of each of them. */
  @Test
  void roundsHaveOneFileForEachPartition() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try (Table table =
        DataShard.newTable(folder.resolve("t"), Tables.SCHEMA)
            .partitionedBy("bucket(3, id)", "truncate(5, name)")
            .sortedBy("name")
            .property("datashard.durability", "os")
            .create()) {
      List<Future<?>> all = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int from = t * 1_000;
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 25; i++) {
                    table.append(Tables.rows(from + i * 4, from + i * 4 + 4));
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
      Map<Integer, Integer> expected = new TreeMap<>();
      IntStream.range(0, 8).forEach(t -> expected.putAll(Tables.once(t * 1_000, t * 1_000 + 100)));
      Map<Integer, Integer> found = new TreeMap<>();
      table.scan().toMaps().forEach(row -> found.merge((Integer) row.get("id"), 1, Integer::sum));
      assertThat(found).isEqualTo(expected);
      Set<String> seen = new HashSet<>();
      try (var snapshots = table.snapshots()) {
        for (var snapshot : snapshots.toList()) {
          Set<Object> partitions = new HashSet<>();
          try (Stream<DataFile> files = table.dataFiles(snapshot)) {
            for (DataFile file : files.toList()) {
              if (seen.add(file.location())) {
                assertThat(partitions.add(file.partitionKey())).as("%s", file).isTrue();
              }
            }
          }
          assertThat(snapshot.summary())
              .containsEntry("changed-partition-count", String.valueOf(partitions.size()));
        }
      }
    } finally {
      threads.shutdown();
    }
    assertThat(DataShard.verify(folder.resolve("t").toString()).deep().run().damages()).isEmpty();
  }

  /** What a file says of itself must prove where its rows belong. */
  @Test
  void importedFilesProveTheirPartition() {
    Schema schema =
        Schema.builder()
            .required("id", Type.INT)
            .optional("ts", Type.TIMESTAMP)
            .optional("kind", Type.STRING)
            .optional("d", Type.DOUBLE)
            .build();
    LocalDateTime noon = LocalDateTime.of(2024, 2, 28, 12, 0);
    Path oneDay = file(schema, "a", row(1, noon, "x", 1.5), row(1, noon.plusHours(3), "x", 1.5));
    Path twoDays = file(schema, "b", row(1, noon, "x", 1.5), row(2, noon.plusDays(1), "y", 1.5));
    Path someNull = file(schema, "c", row(1, noon, "x", null), row(2, noon, null, null));
    Path allNull = file(schema, "e", row(1, null, null, null));

    assertThat(partitionOf(schema, oneDay, "day(ts)")).containsExactly(noon.toLocalDate());
    assertThat(partitionOf(schema, oneDay, "bucket(4, id)", "kind")).containsExactly(0, "x");
    assertThat(partitionOf(schema, allNull, "day(ts)", "d")).containsExactly(null, null);
    assertThat(partitionOf(schema, twoDays, "month(ts)", "truncate(5, id)"))
        .containsExactly(649, 0);
    assertThat(partitionOf(schema, someNull, "d")).containsExactly((Object) null);
    assertRefused(schema, twoDays, "day(ts)", "runs from 2024-02-28T12:00:00 to 2024-02-29T12:00");
    assertRefused(schema, twoDays, "bucket(4, id)", "runs from 1 to 2, so its rows may lie in any");
    assertRefused(schema, someNull, "kind", "'kind' does not prove that: it has nulls");
    assertRefused(schema, oneDay, "d", "statistics of this type do not tell of NaN");
  }

  private static Map<String, @Nullable Object> row(
      int id, @Nullable LocalDateTime ts, @Nullable String kind, @Nullable Double d) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("id", id);
    row.put("ts", ts);
    row.put("kind", kind);
    row.put("d", d);
    return row;
  }

  @SafeVarargs
  private Path file(Schema schema, String name, Map<String, @Nullable Object>... rows) {
    try (Table source = DataShard.createTable(folder.resolve("source-" + name), schema)) {
      source.append(List.of(rows));
      return Path.of(java.net.URI.create(files(source).get(0).location()));
    }
  }

  private List<@Nullable Object> partitionOf(Schema schema, Path file, String... by) {
    Path at = folder.resolve("t" + nextId++);
    try (Table table = DataShard.newTable(at, schema).partitionedBy(by).create()) {
      table.newAppend().files(file).commit();
      assertThat(DataShard.verify(at.toString()).deep().run().damages()).isEmpty();
      return files(table).get(0).partition();
    }
  }

  private void assertRefused(Schema schema, Path file, String by, String why) {
    Path at = folder.resolve("t" + nextId++);
    try (Table table = DataShard.newTable(at, schema).partitionedBy(by).create()) {
      assertThatThrownBy(() -> table.newAppend().files(file).commit())
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining(file.toString())
          .hasMessageContaining("all its rows must lie in one partition of")
          .hasMessageContaining(why)
          .hasMessageContaining("Nothing was committed");
      assertThat(table.currentSnapshot()).isEmpty();
    }
  }

  @Test
  void creatingAgainComparesPartitionsAndOrder() {
    Storage storage = new MemoryStorage(1);
    NewTable planned = DataShard.on(l -> storage).newTable("t", Tables.SCHEMA);
    planned.partitionedBy("bucket(3, id)").sortedBy("name desc").create().close();
    planned.create().close();
    DataShard.on(l -> storage).createTable("t", Tables.SCHEMA).close();
    assertThatThrownBy(() -> planned.partitionedBy("bucket(4, id)").create())
        .isInstanceOf(SchemaMismatchException.class)
        .hasMessageContaining(
            "other partition fields.\nExpected:\nbucket(4, id)\nFound:\nbucket(3,");
    assertThatThrownBy(
            () -> DataShard.on(l -> storage).newTable("t", Tables.SCHEMA).sortedBy("name").create())
        .isInstanceOf(SchemaMismatchException.class)
        .hasMessageContaining(
            "another sort order.\nExpected:\nname asc nulls first\nFound:\nname d");
  }

  @Test
  void folderNamesShowThePartition() {
    Schema schema =
        Schema.builder().optional("day", Type.DATE).optional("kind", Type.STRING).build();
    Storage storage = new MemoryStorage(1);
    try (Table table =
        DataShard.on(l -> storage).newTable("t", schema).partitionedBy("day", "kind").create()) {
      String longText = "é".repeat(3_000);
      for (String kind : List.of("..", "/", "../../x", "", " ", "a\0b", "\ud83d\ude00", longText)) {
        table.append(List.of(Map.of("day", LocalDate.of(2024, 2, 29), "kind", kind)));
        assertThat(table.scan().where(Predicate.column("kind").eq(kind)).count()).isEqualTo(1);
      }
      assertThat(files(table))
          .allSatisfy(
              file ->
                  assertThat(file.location())
                      .matches(".*/data/day=2024-02-29/kind=[A-Za-z0-9.*_%+-]*/[0-9a-f]{32}-0.*"));
      assertThat(files(table).get(2).location()).contains("/kind=..%2F..%2Fx/");
    }
  }
}
