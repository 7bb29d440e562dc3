package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: their exit codes and streams, and what many of them leave in one table. */
class ProcessTest {
  @TempDir private Path folder;

  private static Process start(Object... words) throws IOException {
    return JavaProcess.of(List.of(words).stream().map(String::valueOf).toList()).start();
  }

  private static String read(Process process) throws IOException, InterruptedException {
    process.getOutputStream().close();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    return process.waitFor() + "|" + out + "|" + err;
  }

  @Test
  void exitCodesAndStreams() throws Exception {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");

    assertThat(read(start("count", table))).isEqualTo("0|0\n|");
    assertThat(read(start("count", folder.resolve("none"))))
        .startsWith("1||datashard count: There is no table at ");
    assertThat(read(start("count"))).startsWith("2||datashard count: Missing required parameter");
    Files.delete(table.resolve("metadata/v1.metadata.json"));
    assertThat(read(start("verify", table))).startsWith("3|[{\"file\":\"");
  }

  @Test
  void processesAppendAtOnce() throws Exception {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int required");
    List<Process> all = new ArrayList<>();
    for (int p = 0; p < 3; p++) {
      Path rows = folder.resolve(p + ".csv");
      Files.writeString(rows, "a\n" + p + "\n" + (p + 10) + "\n" + (p + 20) + "\n");
      all.add(start("append", table, rows, "--batch", 1));
    }
    for (Process process : all) {
      assertThat(read(process)).startsWith("0|{\"snapshot_id\":").endsWith("}\n|");
    }

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv").lines().skip(1))
        .containsExactlyInAnyOrder("0", "1", "2", "10", "11", "12", "20", "21", "22");
    assertThat(CommandLineRun.outputOf("snapshots", table, "--json").lines())
        .as("appends of one moment share a commit")
        .hasSizeBetween(3, 9);
  }

  @Test
  void theDemoTellsItsStory() {
    Path table = folder.resolve("with spaces/task_logs");

    String story = CommandLineRun.outputOf("demo", table);

    assertThat(story)
        .containsPattern("100 appends, .* [0-9]+ commits\\. Counted: 100 rows\\.")
        .contains("So far all went well. The time is ")
        .contains("database does not answer")
        .contains("average ms")
        .contains("  100 tasks, 0 of them failed. Now: 200 tasks, ")
        .containsPattern("[0-9]+ Parquet files, 200 rows")
        .contains("  datashard describe '" + table.toAbsolutePath() + "'");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("200\n");
    assertThat(CommandLineRun.outputOf("verify", table, "--deep")).startsWith("No damage");
    String time = story.replaceAll("(?s).*The time is (\\S+)\\.\n.*", "$1");
    assertThat(CommandLineRun.outputOf("count", table, "--as-of", time)).isEqualTo("100\n");
  }
}
