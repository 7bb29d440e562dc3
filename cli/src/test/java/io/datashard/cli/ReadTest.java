package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scan}, {@code count}, {@code snapshots}, {@code describe}, {@code files}. */
class ReadTest {
  @TempDir private Path folder;
  private Path table;
  private List<String> ids;

  @BeforeEach
  void twoCommits() {
    table =
        CommandLineRun.table(
            folder.resolve("my table"), "id long required", "status string", "ms double");
    CommandLineRun.append(
        table,
        "{\"id\":1,\"status\":\"ok\",\"ms\":1.5}",
        "{\"id\":2,\"status\":\"failed\",\"ms\":\"NaN\"}");
    CommandLineRun.append(table, "{\"id\":3,\"status\":null,\"ms\":-10}");
    ids =
        CommandLineRun.outputOf("snapshots", table, "--json")
            .lines()
            .map(line -> line.replaceAll(".*\"snapshot_id\":([0-9]+).*", "$1"))
            .toList();
  }

  @Test
  void jsonLines() {
    assertThat(CommandLineRun.outputOf("scan", table).lines())
        .containsExactlyInAnyOrder(
            "{\"id\":1,\"status\":\"ok\",\"ms\":1.5}",
            "{\"id\":2,\"status\":\"failed\",\"ms\":\"NaN\"}",
            "{\"id\":3,\"status\":null,\"ms\":-10.0}");
  }

  @Test
  void csv() {
    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv"))
        .startsWith("id,status,ms\n")
        .contains("\n1,ok,1.5\n2,failed,NaN\n")
        .contains("\n3,,-10.0\n");
  }

  @Test
  void tableForPeople() {
    CommandLineRun run =
        CommandLineRun.of("scan", table, "--format", "table", "--snapshot", ids.get(0));

    assertThat(run.out())
        .isEqualTo(
            """
            id  status   ms
            --  ------  ---
             1  ok      1.5
             2  failed  NaN
            """);
    assertThat(run.err()).isEqualToNormalizingNewlines("2 rows\n");
  }

  @Test
  void summary() {
    assertThat(CommandLineRun.outputOf("summary", table))
        .isEqualTo(
            """
            column  type    rows  nulls  NaNs  min     max
            ------  ------  ----  -----  ----  ------  ---
            id      long       3      0        1       3
            status  string     3      1        failed  ok
            ms      double     3      0     1  -10.0   1.5
            """);
    assertThat(
            CommandLineRun.outputOf(
                "summary", table, "--where", "id > 1", "--columns", "ms,status", "--json"))
        .isEqualTo(
            """
            {"column":"ms","type":"double","rows":2,"nulls":0,"nans":1,"min":"-10.0","max":"-10.0"}
            {"column":"status","type":"string","rows":2,"nulls":1,"nans":0,"min":"failed","max":"failed"}
            """);
    assertThat(CommandLineRun.outputOf("summary", table, "--where", "id > 5", "--columns", "id"))
        .contains("id      long     0      0");
  }

  @Test
  void aTableCutsLongValuesAndDisarmsControlCharacters() {
    Path texts = CommandLineRun.table(folder.resolve("texts"), "s string");
    CommandLineRun.append(
        texts, "{\"s\":\"" + "x".repeat(70) + "\"}", "{\"s\":\"a\\nb\\u001b[31mc\"}");

    assertThat(CommandLineRun.of("scan", texts, "--format", "table").out().lines().skip(2))
        .containsExactly("x".repeat(57) + "...", "a\\nb\\u001b[31mc");
  }

  @Test
  void csvQuotesWhatNeedsIt() {
    Path texts = CommandLineRun.table(folder.resolve("texts"), "s string", "t string");
    CommandLineRun.append(
        texts, "{\"s\":\"a,b\",\"t\":\"say \\\"x\\\"\"}", "{\"s\":\"\",\"t\":\"1\\n2\"}");

    assertThat(CommandLineRun.outputOf("scan", texts, "--format", "csv"))
        .isEqualTo("s,t\n\"a,b\",\"say \"\"x\"\"\"\n\"\",\"1\n2\"\n");
  }

  @Test
  void filterColumnsLimitAndThreads() {
    assertThat(
            CommandLineRun.outputOf(
                    "scan", table, "--where", "status = 'failed' OR id > 2", "--columns", "ms,id")
                .lines())
        .containsExactlyInAnyOrder("{\"ms\":\"NaN\",\"id\":2}", "{\"ms\":-10.0,\"id\":3}");
    assertThat(CommandLineRun.outputOf("scan", table, "--limit", 1, "--columns", "id"))
        .matches("\\{\"id\":[13]\\}\n");
    assertThat(CommandLineRun.outputOf("scan", table, "--limit", 0)).isEmpty();
    assertThat(CommandLineRun.outputOf("scan", table, "--parallel", 3))
        .isEqualTo(CommandLineRun.outputOf("scan", table));
  }

  @Test
  void countIsABareNumber() {
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("3\n");
    assertThat(CommandLineRun.outputOf("count", table, "--where", "status is null"))
        .isEqualTo("1\n");
    assertThat(CommandLineRun.outputOf("count", table, "--limit", "2")).isEqualTo("2\n");
  }

  @Test
  void everyReadAtEverySnapshot() {
    assertThat(CommandLineRun.outputOf("count", table, "--snapshot", ids.get(0))).isEqualTo("2\n");
    assertThat(CommandLineRun.outputOf("count", table, "--snapshot", ids.get(1))).isEqualTo("3\n");
    assertThat(CommandLineRun.outputOf("scan", table, "--snapshot", ids.get(0)).lines()).hasSize(2);
    String first = CommandLineRun.outputOf("snapshots", table, "--json").lines().toList().get(0);
    String time = first.replaceAll(".*\"timestamp\":\"([^\"]+)\".*", "$1");
    String millis = first.replaceAll(".*\"timestamp_ms\":([0-9]+).*", "$1");
    assertThat(CommandLineRun.outputOf("count", table, "--as-of", time))
        .isEqualTo(CommandLineRun.outputOf("count", table, "--as-of", millis));
    assertThat(CommandLineRun.outputOf("count", table, "--as-of", "9999-01-01")).isEqualTo("3\n");
    assertThat(CommandLineRun.outputOf("files", table, "--snapshot", ids.get(0), "--json").lines())
        .hasSize(1);
  }

  @Test
  void anUnknownSnapshotAndATimeBeforeTheFirstAreErrors() {
    CommandLineRun unknown = CommandLineRun.of("count", table, "--snapshot", 1);
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).contains("has no snapshot 1.").contains(ids.get(1));

    CommandLineRun early = CommandLineRun.of("count", table, "--as-of", "2001-01-01T00:00:00Z");
    assertThat(early.code()).isEqualTo(1);
    assertThat(early.err()).contains("had no snapshot yet as of 2001-01-01T00:00:00Z");
  }

  @Test
  void anUnknownColumnIsAnError() {
    CommandLineRun filter = CommandLineRun.of("count", table, "--where", "nope = 1");
    assertThat(filter.code()).isEqualTo(1);
    assertThat(filter.err()).contains("nope").contains("id, status, ms");

    CommandLineRun columns = CommandLineRun.of("scan", table, "--columns", "id,nope");
    assertThat(columns.code()).isEqualTo(1);
    assertThat(columns.err()).contains("There is no column 'nope'. Columns: id, status, ms.");
    assertThat(columns.out()).isEmpty();
  }

  @Test
  void snapshotsOldestFirst() {
    List<String> lines = CommandLineRun.outputOf("snapshots", table).lines().toList();

    assertThat(lines.get(0).strip().split(" {2,}"))
        .containsExactly(
            "snapshot", "time", "operation", "rows added", "rows removed", "rows", "files");
    assertThat(lines.get(2)).contains(ids.get(0)).matches(".* append +2 +0 +2 +1");
    assertThat(lines.get(3)).contains(ids.get(1)).matches(".* append +1 +0 +3 +2");
    assertThat(lines).hasSize(4);
    assertThat(CommandLineRun.outputOf("snapshots", table, "--json").lines().toList().get(1))
        .startsWith("{\"snapshot_id\":" + ids.get(1) + ",\"parent_id\":" + ids.get(0) + ",")
        .contains("\"operation\":\"append\"")
        .contains("\"total-records\":\"3\"");
  }

  @Test
  void describeTellsHowOtherEnginesOpenTheTable() {
    String location = "file://" + table.toAbsolutePath();

    String text = CommandLineRun.outputOf("describe", table);

    assertThat(text)
        .startsWith("location   " + location + "\n")
        .contains("version    3  " + location + "/metadata/v3.metadata.json\n")
        .contains("snapshot   " + ids.get(1) + " of 2")
        .contains("rows       3 in 2 files of ")
        .contains(" 1  id      long    required\n")
        .contains(" 2  status  string  optional\n")
        .contains("gc.enabled = false\n")
        .contains(
            "  from pyiceberg.table import StaticTable; df = StaticTable.from_metadata(\""
                + location
                + "/metadata/v3.metadata.json\").scan().to_pandas()\n")
        .contains("  import polars as pl; df = pl.scan_iceberg(\"" + location + "\").collect()\n")
        .contains("iceberg_scan('" + table.toAbsolutePath() + "')");
  }

  @Test
  void describeAsJson() {
    assertThat(CommandLineRun.outputOf("describe", table, "--json"))
        .contains("\"location\":\"file://" + table.toAbsolutePath() + "\"")
        .contains("\"version\":3,")
        .contains("\"snapshots\":2,")
        .contains("\"current_snapshot\":{\"snapshot_id\":" + ids.get(1))
        .contains("\"open_with\":{\"pyiceberg\":\"from pyiceberg")
        .contains("\"duckdb_folder\":");
    Path empty = CommandLineRun.table(folder.resolve("empty"), "a int");
    assertThat(CommandLineRun.outputOf("describe", empty, "--json"))
        .contains("\"current_snapshot\":null");
    assertThat(CommandLineRun.outputOf("describe", empty))
        .contains("snapshot   none: nothing was appended yet\n");
  }

  @Test
  void filesWithBoundsAndCounts() {
    List<String> lines = CommandLineRun.outputOf("files", table, "--json").lines().toList();

    assertThat(lines).hasSize(2);
    String two =
        lines.stream().filter(line -> line.contains("\"rows\":2")).findFirst().orElseThrow();
    assertThat(two)
        .startsWith("{\"path\":\"file://" + table.toAbsolutePath() + "/data/")
        .contains("\"format\":\"PARQUET\"")
        .contains("\"id\":{\"bytes\":")
        .contains("\"values\":2,\"nulls\":0,\"lower\":\"1\",\"upper\":\"2\"}")
        .contains("\"lower\":\"failed\",\"upper\":\"ok\"}")
        .contains("\"nulls\":0,\"nans\":1,");
    assertThat(CommandLineRun.outputOf("files", table))
        .contains("  2 rows  ")
        .contains("\n    id: 1 .. 2\n")
        .contains("\n    status: failed .. ok\n")
        .containsPattern("\n    ms: 1.5 .. (1.5|\\?), 1 NaN\n")
        .contains("\n    status: no bounds, 1 null\n");
  }

  @Test
  void manifests() {
    assertThat(CommandLineRun.outputOf("files", table, "--manifests", "--json").lines())
        .hasSize(2)
        .allMatch(line -> line.contains("\"added_files\":1,\"existing_files\":0"));
    assertThat(CommandLineRun.outputOf("files", table, "--manifests").lines())
        .hasSize(2)
        .allMatch(line -> line.contains("files: 1 added, 0 existing, 0 deleted"));
  }

  @Test
  void filesOfATableWithoutSnapshots() {
    Path empty = CommandLineRun.table(folder.resolve("empty"), "a int");

    CommandLineRun run = CommandLineRun.of("files", empty);

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("There is no snapshot yet");
    assertThat(CommandLineRun.outputOf("count", empty)).isEqualTo("0\n");
    assertThat(CommandLineRun.outputOf("scan", empty, "--format", "csv")).isEqualTo("a\n");
  }

  @Test
  void namesInAnyScript() {
    Path any = folder.resolve("B\u00fcro \u6771\u4eac");
    CommandLineRun.table(any, "gr\u00f6\u00dfe in cm long", "\u540d string");
    CommandLineRun.append(any, "{\"gr\u00f6\u00dfe in cm\":180,\"\u540d\":\"\ud83d\ude00\"}");

    assertThat(CommandLineRun.outputOf("scan", any, "--columns", "\u540d"))
        .isEqualTo("{\"\u540d\":\"\ud83d\ude00\"}\n");
    assertThat(Files.isDirectory(any)).isTrue();
  }

  @Test
  void rowsThatWereAppendedAfterASnapshot() {
    assertThat(CommandLineRun.outputOf("scan", table, "--after", ids.get(0), "--columns", "id"))
        .isEqualTo("{\"id\":3}\n");
    assertThat(CommandLineRun.outputOf("scan", table, "--after", "2020-01-01").lines()).hasSize(3);
    assertThat(CommandLineRun.outputOf("count", table, "--after", "2020-01-01")).isEqualTo("3\n");
  }

  @Test
  void aScanIsExplained() {
    String text =
        CommandLineRun.outputOf("scan", table, "--where", "id = 3", "--explain", "--columns", "ms");
    assertThat(text)
        .startsWith("manifests   2, left 2\nfiles       2: skipped 1 by bounds, left 1 of ")
        // The bounds of the file that is left say that all of its rows match, so "id" is not read.
        .contains("\nrow groups  1, left 1\npages       1, left 1\nbytes       ")
        .contains(" to read; to know this, ")
        .hasLineCount(5);
    String json =
        CommandLineRun.outputOf(
            "scan", table, "--where", "id = 3", "--explain", "--format", "jsonl");
    assertThat(json)
        .startsWith("{\"manifests\":2,\"manifests_skipped\":0,\"metadata_files_read\":3,")
        .contains("\"files\":2,\"files_skipped_by_partition\":0,\"files_skipped_by_bounds\":1,")
        .endsWith("\"limit_reached\":false}\n");
    assertThat(CommandLineRun.outputOf("scan", table, "--limit", "1", "--explain"))
        .contains("No more was looked at");
    assertThat(CommandLineRun.of("scan", table, "--explain", "--follow").err())
        .contains("exclude each other");
  }

  @Test
  void rowsAreFollowedFromAPosition() throws Exception {
    Path position = folder.resolve("position");
    String[] follow = {
      "scan", table.toString(), "--follow", "--idle", "0", "--position", position.toString()
    };
    assertThat(CommandLineRun.outputOf((Object[]) follow).lines()).hasSize(3);
    assertThat(Files.readString(position)).startsWith("1:");
    assertThat(CommandLineRun.outputOf((Object[]) follow)).as("nothing came since").isEmpty();
    CommandLineRun.append(table, "{\"id\":4}");
    assertThat(CommandLineRun.outputOf((Object[]) follow)).contains("\"id\":4").hasLineCount(1);

    Files.writeString(position, "nonsense");
    assertThat(CommandLineRun.of((Object[]) follow).err()).contains("'nonsense' is no position");
    assertThat(CommandLineRun.of("scan", table, "--position", position).err())
        .contains("belong to --follow");
  }
}
