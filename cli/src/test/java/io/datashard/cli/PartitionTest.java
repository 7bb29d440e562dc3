package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --partition} and {@code --sort}: how rows are divided and sorted, and shown so. */
class PartitionTest {
  @TempDir private Path folder;

  private Path table(String... more) {
    Path table = folder.resolve("t");
    String[] words =
        Stream.concat(
                Stream.of(
                    "create",
                    table.toString(),
                    "--column",
                    "ts timestamptz",
                    "--column",
                    "id long"),
                Stream.of(more))
            .toArray(String[]::new);
    assertThat(CommandLineRun.of((Object[]) words).code()).isZero();
    return table;
  }

  private Path rows(String... lines) throws IOException {
    return Files.writeString(folder.resolve("rows.jsonl"), String.join("\n", lines));
  }

  @Test
  void filesLieInFoldersOfTheirPartition() throws IOException {
    Path table = table("--partition", "day(ts), bucket(2, id)", "--sort", "ts desc");
    Path rows =
        rows(
            "{\"ts\": \"2024-02-29T10:00:00Z\", \"id\": 1}",
            "{\"ts\": \"2024-02-29T11:00:00Z\", \"id\": 1}",
            "{\"ts\": null, \"id\": 1}");
    CommandLineRun run = CommandLineRun.of("append", table, rows);
    assertThat(run.err()).doesNotContain("Warning");

    assertThat(CommandLineRun.outputOf("describe", table))
        .contains("partitions day(ts), bucket(2, id)\n")
        .contains("sorted     ts desc nulls last\n");
    assertThat(CommandLineRun.outputOf("describe", table, "--json"))
        .contains("\"partitioned_by\":\"day(ts), bucket(2, id)\"")
        .contains("\"sorted_by\":\"ts desc nulls last\"");
    List<String> files = CommandLineRun.outputOf("files", table, "--json").lines().toList();
    assertThat(files).hasSize(2);
    assertThat(files.get(0))
        .contains("/data/ts_day=2024-02-29/id_bucket=0/")
        .contains("\"partition\":{\"ts_day\":\"2024-02-29\",\"id_bucket\":\"0\"}")
        .contains("\"sort_order_id\":1");
    assertThat(files.get(1)).contains("\"partition\":{\"ts_day\":null,\"id_bucket\":\"0\"}");
    assertThat(CommandLineRun.outputOf("files", table))
        .contains("  partition ts_day=2024-02-29, id_bucket=0\n");
    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv", "--columns", "ts"))
        .isEqualTo("ts\n2024-02-29T11:00:00+00:00\n2024-02-29T10:00:00+00:00\n\n");
  }

  @Test
  void tooManyPartitionsInOneCommitAreWarnedOf() throws IOException {
    Path table = table("--partition", "id", "--property", "datashard.durability=os");
    String lines =
        IntStream.range(0, 101)
            .mapToObj(i -> "{\"id\": " + i + "}")
            .collect(Collectors.joining("\n"));
    CommandLineRun run = CommandLineRun.of("append", table, rows(lines));
    assertThat(run.code()).isZero();
    assertThat(run.err()).contains("Warning: these rows lie in 101 partitions, each in a file");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("101\n");
  }

  @Test
  void whatIsNoFieldIsAUsageErrorWithItsPlace() {
    Path table = folder.resolve("t");
    CommandLineRun run =
        CommandLineRun.of("create", table, "--column", "a long", "--partition", "days(a)");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err())
        .contains("Cannot read the partition field \"days(a)\": at character 1")
        .contains("bucket(N, column), truncate(WIDTH, column), year, month, day, hour, void");
    run = CommandLineRun.of("create", table, "--column", "a long", "--sort", "a downwards");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("Cannot read the sort field \"a downwards\": at character 3");
    assertThat(table).doesNotExist();
  }

  @Test
  void theSameAgainOpensTheTableAndAnotherDoesNot() {
    Path table = table("--partition", "day(ts)", "--sort", "id");
    assertThat(
            CommandLineRun.outputOf(
                "create", table, "--column", "ts timestamptz", "--column", "id long"))
        .contains("\"created\":false", "\"partitioned_by\":\"day(ts)\"");
    CommandLineRun run =
        CommandLineRun.of(
            "create",
            table,
            "--column",
            "ts timestamptz",
            "--column",
            "id long",
            "--partition",
            "hour(ts)");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("other partition fields", "hour(ts)", "day(ts)");
  }
}
