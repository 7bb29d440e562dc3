package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Exit codes, help, and what is said of a wrong command line. */
class UsageTest {
  @TempDir private Path folder;

  @Test
  void versionIsOneLine() {
    assertThat(CommandLineRun.outputOf("--version")).matches("datashard \\S[^\\n]*\\n");
  }

  @Test
  void helpListsAllCommandsOnStandardOutput() {
    String help = CommandLineRun.outputOf("--help");

    assertThat(help)
        .contains(
            "create ",
            "append ",
            "scan ",
            "count ",
            "snapshots ",
            "describe ",
            "files ",
            "export ",
            "verify ",
            "stress ",
            "demo ");
    assertThat(CommandLineRun.outputOf("help")).isEqualTo(help);
  }

  @Test
  void withoutACommandHelpGoesToStandardError() {
    CommandLineRun run = CommandLineRun.of();

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("Usage: datashard COMMAND");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create",
        "append",
        "scan",
        "count",
        "snapshots",
        "describe",
        "files",
        "verify",
        "stress",
        "demo"
      })
  void everyCommandHasHelp(String command) {
    String help = CommandLineRun.outputOf(command, "--help");

    assertThat(help).startsWith("Usage: datashard " + command).contains("LOCATION");
    assertThat(help).doesNotContain("forge");
    assertThat(CommandLineRun.outputOf("help", command)).isEqualTo(help);
  }

  @Test
  void anUnknownCommandIsNamed() {
    CommandLineRun.of("remove", "x")
        .failedWith(
            2,
            """
            datashard: there is no command 'remove'. Commands: create, append, scan, count, \
            sql, summary, snapshots, describe, files, export, verify, check-store, clean, stress, \
            demo.
            Try 'datashard --help'.
            """);
  }

  @Test
  void anUnknownOptionIsNamed() {
    CommandLineRun.of("count", "x", "--wher", "a = 1")
        .failedWith(
            2,
            """
            datashard count: Unknown options: '--wher', 'a = 1'
            Try 'datashard count --help'.
            """);
  }

  @Test
  void aMissingLocationIsNamed() {
    CommandLineRun.of("count")
        .failedWith(
            2,
            """
            datashard count: Missing required parameter: 'LOCATION'
            Try 'datashard count --help'.
            """);
  }

  @Test
  void aLimitThatIsNoNumberIsWrongUsage() {
    CommandLineRun run = CommandLineRun.of("scan", "x", "--limit", "ten");

    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("--limit").contains("'ten' is not a long");
    assertThat(CommandLineRun.of("scan", "x", "--limit", "-1").err())
        .startsWith("datashard scan: --limit must be at least 0, got -1.");
  }

  @Test
  void whatIsWrongWhateverTheTableHoldsIsFoundBeforeItIsOpened() {
    CommandLineRun filter = CommandLineRun.of("count", folder.resolve("none"), "--where", "a =");
    assertThat(filter.code()).isEqualTo(2);
    assertThat(filter.err()).startsWith("datashard count: --where: ");

    CommandLineRun.of("count", folder.resolve("none"), "--as-of", "yesterday")
        .failedWith(
            2,
            """
            datashard count: --as-of 'yesterday' is no time: write 2026-01-31T12:00:00Z, a date, or \
            milliseconds since 1970.
            Try 'datashard count --help'.
            """);
    CommandLineRun.of("count", "x", "--as-of", "2026-01-01", "--snapshot", "1")
        .failedWith(
            2,
            """
            datashard count: --snapshot and --as-of exclude each other.
            Try 'datashard count --help'.
            """);
    assertThat(CommandLineRun.of("scan", "x", "--format", "xml").code()).isEqualTo(2);
    assertThat(CommandLineRun.of("scan", "x", "--columns", "a,,b").code()).isEqualTo(2);
    assertThat(CommandLineRun.of("append", "x", "--batch", "0").code()).isEqualTo(2);
    assertThat(CommandLineRun.of("stress", "--kill", "never").code()).isEqualTo(2);
  }

  @Test
  void aMissingTableIsOneLineWithoutATraceAndNothingIsCreated() {
    Path none = folder.resolve("none");

    CommandLineRun run = CommandLineRun.of("count", none);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("datashard count: There is no table at file:");
    assertThat(run.err().strip()).doesNotContain("\n");
    assertThat(none).doesNotExist();
  }

  @Test
  void debugShowsWhereAnErrorComesFrom() {
    assertThat(CommandLineRun.of("count", folder.resolve("none"), "--debug").err())
        .contains("There is no table at")
        .contains("TableNotFoundException")
        .contains("\tat io.datashard.");
  }

  @Test
  void columnsWithCommasAreQuoted() {
    assertThat(ReadOptions.names("a,b c")).containsExactly("a", "b c");
    assertThat(ReadOptions.names("\"a,b\",c\"d,\"e\"\"f\"")).containsExactly("a,b", "c\"d", "e\"f");
  }

  @Test
  void wordsAreQuotedForTheShell() {
    assertThat(Console.shellWord("/tmp/a-b_c.d")).isEqualTo("/tmp/a-b_c.d");
    assertThat(Console.shellWord("it's here")).isEqualTo("'it'\\''s here'");
    assertThat(Console.shellWord("")).isEqualTo("''");
  }

  @Test
  void aClosedPipeEndsReadingQuietly() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long required");
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20_000; i++) {
      lines.append("{\"a\":").append(i).append("}\n");
    }
    Path file = Files.writeString(folder.resolve("rows.jsonl"), lines);
    CommandLineRun.outputOf("append", table, file);
    ByteArrayOutputStream err = new ByteArrayOutputStream();

    int code =
        Cli.run(
            List.of("scan", table.toString()),
            new ByteArrayInputStream(new byte[0]),
            new FailingOutput("Broken pipe"),
            err);

    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    assertThat(code).isZero();
  }

  @Test
  void aFullDiskBehindTheOutputIsAnError() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long required");
    ByteArrayOutputStream err = new ByteArrayOutputStream();

    int code =
        Cli.run(
            List.of("count", table.toString()),
            new ByteArrayInputStream(new byte[0]),
            new FailingOutput("No space left on device"),
            err);

    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("datashard count: Cannot write the output: No space left on device");
    assertThat(code).isEqualTo(1);
  }

  /** An output that takes nothing. */
  private static final class FailingOutput extends OutputStream {
    private final String message;

    FailingOutput(String message) {
      this.message = message;
    }

    @Override
    public void write(int oneByte) throws IOException {
      throw new IOException(message);
    }
  }
}
