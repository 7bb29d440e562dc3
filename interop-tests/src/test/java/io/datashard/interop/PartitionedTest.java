package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Promise: foreign readers see the same whole rows of tables that we divide and sort, also under
 * filters of the columns they are divided by, which lead readers past whole files.
 */
@NeedsPython
class PartitionedTest {
  private static final Schema SCHEMA = SampleRows.EVERY_TYPE;
  private static final int FILTERS = 5;

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "flag",
        "d",
        "dec38",
        "day",
        "clock",
        "tstz",
        "text",
        "u",
        "bin",
        "bucket(3, dec19)",
        "bucket(3, day)",
        "bucket(3, text)",
        "bucket(3, u)",
        "truncate(5000000, l)",
        "truncate(100, dec9)",
        "truncate(2, text)",
        "year(day)",
        "month(ts)",
        "day(tstz)",
        "hour(ts)",
        "day(day), bucket(2, l), truncate(1, kind) as \"odd \u00fc name/\""
      })
  void sameRows(String partition) {
    Path at = folder.resolve("t");
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    try (Table table =
        DataShard.newTable(at, SCHEMA)
            .partitionedBy(partition)
            .sortedBy("kind desc", "day(ts)", "text nulls last")
            .property("datashard.durability", "os")
            .create()) {
      SampleRows sample = new SampleRows(SCHEMA, 71, 0.15, 0.2);
      for (int i = 0; i < 2; i++) {
        List<Map<String, @Nullable Object>> more = sample.take(20);
        more.removeIf(row -> !hasPartition(table, row));
        table.append(more);
        rows.addAll(more);
      }
      Answer truth = SampleRows.answer(SCHEMA, rows);
      Answer.requireSame("we", SCHEMA, truth, OurReader.read(table.scan()));
      List<String> wrong = new ArrayList<>();
      for (ForeignReader reader : ForeignReader.values()) {
        check(wrong, reader + " whole", truth, () -> reader.read(at.toString(), SCHEMA));
      }
      filtered(table, at, rows, wrong);
      assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    }
  }

  private static void filtered(
      Table table, Path at, List<Map<String, @Nullable Object>> rows, List<String> wrong) {
    Set<Field> sources = new LinkedHashSet<>();
    table.partitionSpec().fields().forEach(f -> sources.add(source(f)));
    RandomFilters random = new RandomFilters(Schema.of(List.copyOf(sources)), rows, 72);
    for (int i = 0; i < FILTERS; i++) {
      Predicate filter = random.next();
      Answer ours = OurReader.read(table.scan().where(filter));
      for (ForeignReader reader : FILTERING) {
        if (!differs(reader, filter, table)) {
          String what = reader + " " + filter;
          check(wrong, what, ours, () -> reader.read(at.toString(), SCHEMA, filter, null));
        }
      }
    }
  }

  private static final List<ForeignReader> FILTERING =
      List.of(
          ForeignReader.PYICEBERG,
          ForeignReader.POLARS,
          ForeignReader.DUCKDB,
          ForeignReader.ICEBERG_CORE);

  /** What a reader sees in another way, by its own fault. */
  private static boolean differs(ForeignReader reader, Predicate filter, Table table) {
    if (table.partitionSpec().text(SCHEMA).equals("d")) {
      return roundsDoubles(reader);
    }
    // iceberg-core compares uuids as two signed numbers, all others as unsigned bytes; PyIceberg
    // cannot say which of two partitions by uuid is larger, and fails.
    return (reader == ForeignReader.ICEBERG_CORE || reader == ForeignReader.PYICEBERG)
        && RandomFilters.ordersUuids(filter, SCHEMA);
  }

  /** PyIceberg's compiled decoder makes floats of doubles in manifests; Polars plans with it. */
  private static boolean roundsDoubles(ForeignReader reader) {
    return reader == ForeignReader.PYICEBERG || reader == ForeignReader.POLARS;
  }

  /** If PyIceberg learns to read them, this says so. */
  @Test
  void pyIcebergMissesRowsInPartitionsByDouble() {
    Path at = folder.resolve("t");
    Schema schema = Schema.builder().required("d", Type.DOUBLE).build();
    try (Table table = DataShard.newTable(at, schema).partitionedBy("d").create()) {
      table.append(List.of(Map.of("d", 3.3), Map.of("d", 0.5)));
      for (ForeignReader reader : FILTERING) {
        Predicate filter = Predicate.column("d").eq(3.3);
        assertThat(reader.read(at.toString(), schema, filter, null).rows())
            .as("%s", reader)
            .isEqualTo(roundsDoubles(reader) ? 0 : 1);
        assertThat(reader.read(at.toString(), schema).rows()).isEqualTo(2);
      }
    }
  }

  private interface Read {
    Answer answer();
  }

  private static void check(List<String> wrong, String what, Answer expected, Read read) {
    try {
      Answer.requireSame(what, SCHEMA, expected, read.answer());
    } catch (AssertionError | RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      wrong.add(what + ": " + text.substring(0, Math.min(600, text.length())));
    }
  }

  private static Field source(PartitionField field) {
    return SCHEMA.fieldById(field.sourceId()).orElseThrow();
  }

  /** The lowest numbers cannot be truncated. */
  private static boolean hasPartition(Table table, Map<String, @Nullable Object> row) {
    for (PartitionField field : table.partitionSpec().fields()) {
      Transform transform = field.transform();
      try {
        transform.apply(source(field).type(), row.get(source(field).name()));
      } catch (IllegalArgumentException e) {
        return false;
      }
    }
    return true;
  }
}
