package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Promise: a filter gives the same whole rows here and in foreign readers, which believe our bounds
 * and counts when they skip files, row groups and pages.
 */
@NeedsPython
class FiltersTest {
  private static final long SEED = 20260101;
  private static final int FILTERS = 60;
  private static final int SLOW_FILTERS = 240;
  private static final Schema SCHEMA = SampleRows.EVERY_TYPE;

  private record Asked(Predicate filter, Answer ours) {}

  @TempDir static Path folder;

  private static Shape.Built built = new Shape.Built(Path.of(""));
  private static String metadata = "";
  private static int rows;
  private static final List<Asked> ASKED = new ArrayList<>();
  private static final List<Object> UUIDS = new ArrayList<>();

  @BeforeAll
  static void writeAndAsk() {
    built = new Shape.Built(folder.resolve("t"));
    built.create(
        SCHEMA,
        Map.of(
            "write.parquet.row-group-size-bytes", "65536",
            "write.parquet.page-size-bytes", "4096"));
    SampleRows sample = new SampleRows(SCHEMA, SEED, 0.15, 0.2);
    built.append(sample.take(600));
    for (int i = 0; i < 5; i++) {
      built.append(new SampleRows(SCHEMA, SEED + i, 0.1 * i, i % 2 == 0 ? 0 : 0.1).take(100));
    }
    built.rows().stream()
        .map(row -> row.get("u"))
        .filter(u -> u != null)
        .limit(20)
        .forEach(UUIDS::add);
    metadata = built.table().metadataLocation();
    rows = built.rows().size();
    ASKED.addAll(ask(SEED, FILTERS));
  }

  private static List<Asked> ask(long seed, int count) {
    RandomFilters random = new RandomFilters(SCHEMA, built.rows(), seed);
    List<Asked> asked = new ArrayList<>();
    while (asked.size() < count) {
      Predicate filter = random.next();
      Answer ours = OurReader.read(built.table().scan().where(filter));
      // A third must match something and not nearly all: others prove too little.
      if (asked.size() % 3 != 0 || middling(ours)) {
        asked.add(new Asked(filter, ours));
      }
    }
    return asked;
  }

  private static boolean middling(Answer answer) {
    return answer.rows() >= 0.01 * rows && answer.rows() <= 0.9 * rows;
  }

  @Test
  void aThirdMatchBetween1And90Percent() {
    assertThat(ASKED.stream().filter(a -> middling(a.ours())).count())
        .isGreaterThanOrEqualTo(FILTERS / 3);
  }

  @ParameterizedTest
  @EnumSource(names = {"PYICEBERG", "POLARS", "DUCKDB", "ICEBERG_CORE"})
  void sameRows(ForeignReader reader) {
    requireSameRows(reader, SEED, ASKED);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(names = {"PYICEBERG", "POLARS", "DUCKDB", "ICEBERG_CORE"})
  void sameRowsUnderManyMore(ForeignReader reader) {
    requireSameRows(reader, SEED + 1, ask(SEED + 1, SLOW_FILTERS));
  }

  private static void requireSameRows(ForeignReader reader, long seed, List<Asked> all) {
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    for (int i = 0; i < all.size(); i++) {
      Asked one = all.get(i);
      if (reader == ForeignReader.ICEBERG_CORE && RandomFilters.ordersUuids(one.filter, SCHEMA)) {
        continue; // It compares uuids as two signed numbers, all others as unsigned bytes.
      }
      asked++;
      String where = reader + ", seed " + seed + ", filter " + i + ": " + one.filter;
      try {
        Answer.requireSame(
            where, SCHEMA, one.ours, reader.read(metadata, SCHEMA, one.filter, null));
      } catch (AssertionError | PythonWorker.Failed e) {
        wrong.add(e instanceof AssertionError ? e.getMessage() : where + "\n" + e);
      }
    }
    assertThat(wrong).as(String.join("\n", wrong)).isEmpty();
    assertThat(asked).isGreaterThanOrEqualTo(all.size() * 9 / 10);
  }

  @ParameterizedTest
  @EnumSource(names = {"PYICEBERG", "POLARS", "DUCKDB", "ICEBERG_CORE"})
  void everyUuidIsFound(ForeignReader reader) {
    for (Object uuid : UUIDS) {
      Predicate filter = Predicate.column("u").eq(uuid);
      Answer ours = OurReader.read(DataShard.loadTable(folder.resolve("t")).scan().where(filter));
      assertThat(ours.rows()).isPositive();
      Answer theirs = reader.read(metadata, SCHEMA, filter, null);
      Answer.requireSame(reader + " " + filter, SCHEMA, ours, theirs);
    }
  }
}
