package io.datashard.benchmarks.growth;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code benchmarks/growth} with tiny sizes. */
class GrowthTest {
  @TempDir Path folder;

  @Test
  void itTellsOfTimeAndBytes() throws Exception {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    new Growth(folder, new PrintStream(report, true, StandardCharsets.UTF_8), false)
        .run(1, 0, 5, 320);

    assertThat(report.toString(StandardCharsets.UTF_8))
        .containsPattern(
            "after +5 commits: [0-9.]+ ms a commit \\(90 % under [0-9.]+\\), after 100: [0-9.]+ ms"
                + " \\([0-9.]+\\); ratio [0-9.]+\n")
        .containsPattern("after +320 commits: ")
        .containsPattern("at once: [0-9,]+ bytes a commit, [0-9,]+ bytes of blocks")
        .containsPattern("data files +620 files")
        .containsPattern("manifest lists +620 files")
        .containsPattern("archive +[1-9][0-9]* files")
        .contains("TableHistory[listed=");
  }

  @Test
  void itTellsScripts() throws Exception {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    new Growth(folder, new PrintStream(report, true, StandardCharsets.UTF_8), true).run(1, 1, 5);

    assertThat(report.toString(StandardCharsets.UTF_8).lines())
        .hasSize(2)
        .first()
        .asString()
        .matches(
            "\\{\"commits\": 5, \"rest_s\": 0, \"ms\": [0-9.]+, \"beside_ms\": [0-9.]+, \"ratio\":"
                + " [0-9.]+, \"bytes\": [0-9]+, \"version_bytes\": [0-9]+, \"blocks\": [0-9]+\\}");
  }
}
