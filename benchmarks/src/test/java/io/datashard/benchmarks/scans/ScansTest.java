package io.datashard.benchmarks.scans;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.datashard.DataShard;
import io.datashard.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Contenders of the same rows find the same, and write what can be read. */
class ScansTest {
  private static final int ROWS = 5_000;

  @TempDir private Path folder;
  private Path table;
  private OurScans ours;
  private DuckScans theirs;

  @BeforeEach
  void make() throws SQLException {
    table = folder.resolve("table");
    List<Map<String, Object>> rows = new ArrayList<>();
    for (long id = 0; id < ROWS; id++) {
      rows.add(
          Map.of(
              "id",
              id,
              "ts",
              Instant.parse("2026-01-01T00:00:00Z").plusMillis(id),
              "user_id",
              id % 7,
              "status",
              id % 10 == 3 ? "failed" : "ok",
              "value",
              id / 8.0,
              "payload",
              "row " + id));
    }
    try (Table made = DataShard.createTable(table, OurScans.SCHEMA)) {
      made.append(rows);
    }
    ours = new OurScans();
    ours.open(table.toString());
    theirs = DuckScans.create();
    theirs.open(table.toString());
  }

  @Test
  void allFindTheSame() {
    for (String query :
        List.of("sum", "two", "failed-count", "failed", "range", "all", "rows-two", "rows")) {
      double[] expected = theirs.ask(query, 1, 1_000, 1_099);
      for (int threads = 1; threads <= 2; threads++) {
        double[] found = ours.ask(query, threads, 1_000, 1_099);
        assertThat(found).as(query).containsExactly(expected, within(1e-6));
      }
    }
    assertThat(ours.ask("maps", 1, 0, 0)).containsExactly(ours.ask("rows", 1, 0, 0), within(1e-6));
    assertThat(ours.ask("failed-count", 1, 0, 0)).containsExactly(ROWS / 10);
    assertThat(ours.ask("range", 1, 1_000, 1_099)[0]).isEqualTo(100);
  }

  @Test
  void whatTheyWriteIsRead() throws IOException {
    for (String shape : List.of("batches", "maps")) {
      ours.keep(shape, 1_000);
      Path written = folder.resolve("written-" + shape);
      ours.write(written.toString());
      try (Table opened = DataShard.loadTable(written)) {
        assertThat(opened.scan().count()).isEqualTo(1_000);
      }
    }
    theirs.keep("batches", 1_000);
    Path file = Files.createDirectory(folder.resolve("duck")).resolve("one.parquet");
    theirs.write(file.toString());
    theirs.open(file.getParent().toString());
    assertThat(theirs.ask("sum", 1, 0, 0)[0]).isEqualTo(1_000);
  }

  @Test
  void foreignFilesBecomeATable() throws IOException {
    for (String how : List.of("import", "own")) {
      Path made = folder.resolve(how);
      Path beside = Files.createDirectory(folder.resolve("beside-" + how)).resolve("1.parquet");
      Files.copy(dataFile(), beside);
      OurScans.main(new String[] {how, made.toString(), beside.toString()});
      ours.open(made.toString());
      assertThat(ours.ask("all", 1, 0, 0))
          .containsExactly(theirs.ask("all", 1, 0, 0), within(1e-6));
    }
  }

  private Path dataFile() throws IOException {
    try (Stream<Path> files = Files.walk(table)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
  }

  @Test
  void ordersAreAnswered() {
    assertThat(Scans.answer(ours, "open", table.toString())).isEqualTo("{}");
    assertThat(Scans.answer(ours, "ask", "failed-count", "1", "0", "0", "2"))
        .matches("\\{\"nanos\": \\[\\d+, \\d+], \"found\": \\[500\\.0]}");
    assertThat(Scans.answer(ours, "keep", "batches", "10")).isEqualTo("{}");
    assertThat(Scans.answer(ours, "write", folder.resolve("new").toString()))
        .matches("\\{\"nanos\": \\[\\d+]}");
    assertThat(Scans.answer(ours, "ask", "nothing", "1", "0", "0", "1")).startsWith("{\"error\"");
  }
}
