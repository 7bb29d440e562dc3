package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.data.Batch;
import io.datashard.data.BytesColumn;
import io.datashard.data.LongColumn;
import io.datashard.error.ConflictException;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes in comes out; what does not fit is refused by name and leaves nothing behind. */
abstract class AppendTests extends TableTests {
  private static final Schema ALL =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("b", Type.BOOLEAN)
          .optional("i", Type.INT)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("dec", Type.decimal(9, 2))
          .optional("big", Type.decimal(38, 10))
          .optional("day", Type.DATE)
          .optional("time", Type.TIME)
          .optional("ts", Type.TIMESTAMP)
          .optional("tz", Type.TIMESTAMPTZ)
          .optional("s", Type.STRING)
          .optional("u", Type.UUID)
          .optional("fx", Type.fixed(3))
          .optional("bin", Type.BINARY)
          .build();

  @TempDir Path folder;

  private Table table() {
    return DataShard.on(location -> disk).createTable("t", ALL);
  }

  private static Map<String, Object> full(long id) {
    Map<String, Object> row = new HashMap<>();
    row.put("id", id);
    row.put("b", true);
    row.put("i", -5);
    row.put("f", -0.0f);
    row.put("d", Double.NaN);
    row.put("dec", new BigDecimal("-1234567.89"));
    row.put("big", new BigDecimal("1234567890123456789012345678.0123456789"));
    row.put("day", LocalDate.of(1969, 12, 31));
    row.put("time", LocalTime.of(23, 59, 59, 999_999_000));
    row.put("ts", LocalDateTime.of(1, 1, 1, 0, 0));
    row.put("tz", Instant.parse("2026-01-01T00:00:00.000001Z"));
    row.put("s", "\uD83D\uDE00 text");
    row.put("u", new UUID(-1, 1));
    row.put("fx", new byte[] {1, -1, 0});
    row.put("bin", new byte[0]);
    return row;
  }

  private static Map<String, Object> comparable(Map<String, ?> row) {
    Map<String, Object> plain = new HashMap<>();
    row.forEach((k, v) -> plain.put(k, v instanceof byte[] bytes ? Arrays.toString(bytes) : v));
    return plain;
  }

  /** All files but the hint, which is written beside the commits, once none is under way. */
  private Set<String> listing() {
    for (int look = 0; ; look++) {
      Set<String> names = keys(disk);
      names.remove("metadata/version-hint.text");
      if (look == 200 || names.stream().noneMatch(name -> name.contains("/.tmp-"))) {
        return names;
      }
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  @Test
  void everyTypeComesBack() {
    try (Table table = table()) {
      Map<String, Object> nulls = new HashMap<>();
      ALL.names().forEach(name -> nulls.put(name, null));
      nulls.put("id", 2L);
      Committed done = table.append(List.of(full(1), nulls, Map.of("id", 3L)));
      assertThat(done.rowsAdded()).isEqualTo(3);
      assertThat(done.changed()).isTrue();
      assertThat(table.currentSnapshot().orElseThrow().snapshotId()).isEqualTo(done.snapshotId());
      List<Map<String, @Nullable Object>> rows = table.scan().toMaps();
      assertThat(rows).hasSize(3);
      assertThat(comparable(rows.get(0))).isEqualTo(comparable(full(1)));
      assertThat(rows.get(1)).isEqualTo(nulls);
      assertThat(rows.get(2)).containsEntry("id", 3L).containsEntry("s", null);
      assertThat(rows.get(0).keySet()).containsExactlyElementsOf(ALL.names());
    }
  }

  record Everything(
      long id,
      Optional<Boolean> b,
      @Nullable Integer i,
      Optional<Float> f,
      Optional<Double> d,
      @Nullable BigDecimal dec,
      @Nullable LocalDate day,
      @Nullable LocalTime time,
      @Nullable LocalDateTime ts,
      @Nullable Instant tz,
      @Nullable String s,
      @Nullable UUID u) {}

  @Test
  void recordsGoInAndComeOut() {
    Everything full =
        new Everything(
            1,
            Optional.of(false),
            7,
            Optional.of(1.5f),
            Optional.of(-0.0),
            new BigDecimal("1.25"),
            LocalDate.EPOCH,
            LocalTime.NOON,
            LocalDateTime.of(2000, 1, 1, 1, 1),
            Instant.EPOCH,
            "x",
            new UUID(1, 2));
    Everything empty =
        new Everything(
            2,
            Optional.empty(),
            null,
            Optional.empty(),
            Optional.empty(),
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    try (Table table = table()) {
      assertThat(table.append(Everything.class, List.of(full, empty)).rowsAdded()).isEqualTo(2);
      assertThat(table.scan().toRecords(Everything.class)).containsExactly(full, empty);
      try (Stream<Everything> all = table.scan().where("id = 2").stream(Everything.class)) {
        assertThat(all).containsExactly(empty);
      }
    }
  }

  record NoSuchColumn(long id, String nope) {}

  record WrongType(String id) {}

  record LacksRequired(String s) {}

  @Test
  void recordsThatDoNotFitAreRefusedAtBinding() {
    try (Table table = table()) {
      Set<String> before = listing();
      assertThatThrownBy(() -> table.append(NoSuchColumn.class, List.of(new NoSuchColumn(1, "a"))))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining("'nope'");
      assertThatThrownBy(() -> table.append(LacksRequired.class, List.of(new LacksRequired("a"))))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining("id");
      assertThatThrownBy(() -> table.append(WrongType.class, List.of(new WrongType("a"))))
          .hasMessageContaining("'id'");
      assertThat(listing()).isEqualTo(before);
    }
  }

  private static Map<String, Object> with(String column, @Nullable Object value) {
    Map<String, Object> row = new HashMap<>();
    row.put("id", 1L);
    row.put(column, value);
    return row;
  }

  @Test
  void nothingIsConvertedInSilence() {
    List<Map<String, Object>> bad =
        List.of(
            with("id", "1"),
            with("id", 1.0),
            with("id", null),
            with("id", BigInteger.TWO.pow(63)),
            with("i", 1L << 31),
            with("i", 1.5),
            with("i", "7"),
            with("b", 1),
            with("b", "true"),
            with("f", 0.1),
            with("f", 16_777_217),
            with("d", (1L << 53) + 1),
            with("d", "1.0"),
            with("dec", new BigDecimal("0.001")),
            with("dec", new BigDecimal("12345678.00")),
            with("dec", 1.5),
            with("day", "2020-01-01"),
            with("day", Instant.EPOCH),
            with("time", "10:00"),
            with("ts", Instant.EPOCH),
            with("tz", LocalDateTime.MIN),
            with("tz", Instant.MAX),
            with("s", 5),
            with("s", "half \uD83D"),
            with("u", "not a uuid"),
            with("fx", new byte[2]),
            with("bin", "bytes"),
            with("nope", 1));
    try (Table table = table()) {
      table.append(List.of(full(1)));
      Set<String> before = listing();
      for (Map<String, Object> row : bad) {
        String column = row.keySet().stream().filter(k -> !k.equals("id")).findFirst().orElse("id");
        assertThatThrownBy(() -> table.append(List.of(full(1), row)))
            .as("%s", row)
            .isInstanceOf(InvalidRowException.class)
            .hasMessageContaining("Row 2")
            .hasMessageContaining("'" + column + "'")
            .hasMessageContaining("Nothing was committed");
        assertThat(listing()).as("%s", row).isEqualTo(before);
      }
      assertThat(table.scan().count()).isEqualTo(1);
    }
  }

  @Test
  void exactWideningIsAccepted() {
    try (Table table = table()) {
      Map<String, Object> row = new HashMap<>();
      row.put("id", 5);
      row.put("i", (short) 6);
      row.put("f", 0.5);
      row.put("d", 3);
      row.put("dec", 7);
      row.put("big", new BigDecimal("1E+3"));
      table.append(List.of(row));
      Map<String, Object> found = table.scan().toMaps().get(0);
      assertThat(found)
          .containsEntry("id", 5L)
          .containsEntry("i", 6)
          .containsEntry("f", 0.5f)
          .containsEntry("d", 3.0)
          .containsEntry("dec", new BigDecimal("7.00"))
          .containsEntry("big", new BigDecimal("1000.0000000000"));
    }
  }

  @Test
  void emptyAppendCommitsNothing() {
    try (Table table = table()) {
      Set<String> before = listing();
      Committed done = table.append(List.of());
      assertThat(done.changed()).isFalse();
      assertThat(done.rowsAdded()).isZero();
      assertThat(done.snapshot()).isEmpty();
      assertThat(listing()).isEqualTo(before);
    }
  }

  @Test
  void rowsFromIteratorsAndStreamsOfUnknownLength() {
    try (Table table = table()) {
      Iterator<Map<String, Long>> rows =
          IntStream.range(0, 30_000).mapToObj(i -> Map.of("id", (long) i)).iterator();
      assertThat(table.newAppend().rows(rows).commit().rowsAdded()).isEqualTo(30_000);
      Stream<Map<String, Long>> more =
          IntStream.range(30_000, 40_000).mapToObj(i -> Map.of("id", (long) i));
      assertThat(table.newAppend().rows(more).commit().rowsAdded()).isEqualTo(10_000);
      assertThat(table.scan().count()).isEqualTo(40_000);
      assertThat(table.scan().where("id >= 29990 and id < 30010").count()).isEqualTo(20);
      assertThat(table.snapshots()).hasSize(2);
    }
  }

  @Test
  void failureInTheMiddleOfALongAppendLeavesNothing() {
    try (Table table = table()) {
      Set<String> before = listing();
      Stream<Map<String, Object>> rows =
          IntStream.range(0, 50_000)
              .mapToObj(i -> i == 49_999 ? with("i", "x") : Map.<String, Object>of("id", (long) i));
      assertThatThrownBy(() -> table.newAppend().rows(rows))
          .isInstanceOf(InvalidRowException.class)
          .hasMessageContaining("Row 50000");
      assertThat(listing()).isEqualTo(before);
    }
  }

  @Test
  void batchesInAnyColumnOrder() {
    Schema given =
        Schema.of(
            List.of(
                new Field(12, "s", Type.STRING, false, null),
                new Field(1, "id", Type.LONG, true, null)));
    byte[] text = "abc".getBytes(StandardCharsets.UTF_8);
    Batch batch =
        new Batch(
            given,
            3,
            List.of(
                BytesColumn.plain(Type.STRING, text, new int[] {0, 1, 1, 3}, 3, new long[] {0b101}),
                new LongColumn(Type.LONG, new long[] {1, 2, 3}, 3, null)));
    try (Table table = table()) {
      assertThat(table.newAppend().batches(List.of(batch)).commit().rowsAdded()).isEqualTo(3);
      assertThat(table.scan().select("id", "s").toMaps().toString())
          .isEqualTo("[{id=1, s=a}, {id=2, s=null}, {id=3, s=bc}]");
      byte[] broken = {(byte) 0xC3};
      Batch invalid =
          new Batch(
              given,
              1,
              List.of(
                  BytesColumn.plain(Type.STRING, broken, new int[] {0, 1}, 1, null),
                  new LongColumn(Type.LONG, new long[] {1}, 1, null)));
      assertThatThrownBy(() -> table.newAppend().batches(List.of(invalid)))
          .isInstanceOf(InvalidRowException.class)
          .hasMessageContaining("'s'")
          .hasMessageContaining("UTF-8");
    }
  }

  @Test
  void expectedSchemaIsHeld() {
    try (Table table = table()) {
      Schema other = Schema.builder().required("id", Type.INT).build();
      assertThatThrownBy(() -> table.newAppend().expecting(other))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining("1: id: required int")
          .hasMessageContaining("1: id: required long");
      assertThat(table.newAppend().expecting(ALL).rows(List.of(full(1))).commit().rowsAdded())
          .isEqualTo(1);
    }
  }

  @Test
  void existingFilesAreAddedOnce() throws IOException {
    Storage other = store().empty(2);
    try (Table from = DataShard.on(location -> other).createTable("from", ALL);
        Table table = table()) {
      from.append(List.of(full(1), full(2)));
      byte[] content = other.readWhole(keyOf(other, fileOf(from)), -1);
      Path file = Files.write(folder.resolve("from.parquet"), content);
      Committed done = table.newAppend().files(file).commit();
      assertThat(done.rowsAdded()).isEqualTo(2);
      assertThat(table.scan().toMaps().stream().map(AppendTests::comparable))
          .containsExactlyElementsOf(
              from.scan().toMaps().stream().map(AppendTests::comparable).toList());
      DataFile added = fileOf(table);
      assertThat(added.location()).startsWith(table.location() + "/data/");
      assertThat(added.recordCount()).isEqualTo(2);
      assertThat(added.lowerBound(ALL.field("id"))).contains(1L);
      assertThat(added.upperBound(ALL.field("id"))).contains(2L);
      assertThat(added.column(ALL.field("s")).nullCount()).isZero();

      Set<String> before = listing();
      assertThatThrownBy(() -> table.newAppend().files(file).commit())
          .hasMessageContaining("already");
      assertThatThrownBy(() -> table.newAppend().files(file, file)).hasMessageContaining("twice");
      Path broken = Files.write(folder.resolve("broken.parquet"), new byte[100]);
      assertThatThrownBy(() -> table.newAppend().files(broken)).hasMessageContaining("Parquet");
      assertThatThrownBy(() -> table.newAppend().files(folder.resolve("none.parquet")))
          .hasMessageContaining("none.parquet");
      assertThat(listing()).isEqualTo(before);
      assertThat(table.scan().count()).isEqualTo(2);
    }
  }

  private static DataFile fileOf(Table table) {
    return table.dataFiles(table.currentSnapshot().orElseThrow()).findFirst().orElseThrow();
  }

  @Test
  void transactionIsOneSnapshot() {
    try (Table table = table()) {
      table.append(List.of(full(1)));
      String old = fileOf(table).location();
      Committed done;
      try (Transaction tx = table.newTransaction()) {
        tx.append(List.of(full(2)));
        tx.append(List.of(full(3), full(4)));
        tx.removeFiles(List.of(old));
        tx.setProperty("owner", "me");
        done = tx.commit();
        assertThatThrownBy(() -> tx.append(List.of(full(5))))
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("committed already");
        assertThatThrownBy(tx::commit).isInstanceOf(IllegalStateException.class);
      }
      assertThat(done.rowsAdded()).isEqualTo(3);
      assertThat(done.rowsRemoved()).isEqualTo(1);
      assertThat(table.snapshots()).hasSize(2);
      assertThat(table.scan().toMaps().stream().map(r -> r.get("id"))).containsExactly(2L, 3L, 4L);
      assertThat(table.properties()).containsEntry("owner", "me");
      assertThat(table.currentSnapshot().orElseThrow().operation()).isEqualTo("overwrite");
      assertThat(table.currentSnapshot().orElseThrow().summary())
          .containsEntry("total-records", "3")
          .containsEntry("deleted-records", "1");
    }
  }

  @Test
  void leavingWithoutCommitRollsBack() {
    try (Table table = table()) {
      table.append(List.of(full(1)));
      Set<String> before = listing();
      try (Transaction tx = table.newTransaction()) {
        tx.append(IntStream.range(0, 20_000).mapToObj(i -> Map.of("id", (long) i)).toList());
        tx.setProperty("owner", "me");
      }
      assertThat(listing()).isEqualTo(before);
      Transaction tx = table.newTransaction();
      tx.rollback();
      assertThatThrownBy(() -> tx.append(List.of(full(2))))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("rolled back");
      assertThatThrownBy(tx::rollback).isInstanceOf(IllegalStateException.class);
      assertThat(table.scan().count()).isEqualTo(1);
    }
  }

  @Test
  void removingAFileThatIsGoneIsAConflict() {
    try (Table table = table()) {
      table.append(List.of(full(1)));
      String old = fileOf(table).location();
      try (Transaction first = table.newTransaction();
          Transaction second = table.newTransaction()) {
        first.removeFiles(List.of(old)).commit();
        second.removeFiles(List.of(old));
        second.append(List.of(full(2)));
        assertThatThrownBy(second::commit)
            .isInstanceOf(ConflictException.class)
            .hasMessageContaining(old)
            .hasMessageContaining("Nothing was committed");
      }
      assertThat(table.scan().count()).isZero();
      assertThat(table.currentSnapshot().orElseThrow().operation()).isEqualTo("delete");
    }
  }
}
