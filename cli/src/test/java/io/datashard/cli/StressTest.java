package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code stress}: passes when all is right, and fails when one acknowledgement is a lie. */
class StressTest {
  @TempDir private Path folder;

  private static String last(String out) {
    return out.lines().reduce((a, b) -> b).orElseThrow();
  }

  @Test
  void nothingIsLostOrDoubledWhileWorkersAreKilled() {
    Path table = folder.resolve("t");

    CommandLineRun run =
        CommandLineRun.of(
            "stress", table, "--processes", 3, "--appends", 8, "--kill", "0.5", "--json");

    assertThat(run.code()).as(run.toString()).isZero();
    assertThat(last(run.out()))
        .startsWith("{\"processes\":3,\"acknowledged\":24,\"sent\":")
        .contains("\"lost\":0,\"doubled\":0,\"unsent\":0,")
        .containsPattern("\"rows\":[0-9]+,")
        .containsPattern("\"seconds\":[0-9.]+,\"appends_per_second\":[0-9.]+")
        .containsPattern("\"slowest_ms\":[0-9.]+");
    assertThat(run.err()).contains("Appending: 3 processes x 8");
    assertThat(CommandLineRun.outputOf("verify", table)).startsWith("No damage");
  }

  @Test
  void aForgedAcknowledgementFails() throws IOException {
    CommandLineRun run =
        CommandLineRun.of(
            "stress",
            folder.resolve("t"),
            "--processes",
            2,
            "--appends",
            3,
            "--json",
            "--forge-acknowledgement");

    assertThat(run.code()).isEqualTo(1);
    assertThat(last(run.out()))
        .contains("\"acknowledged\":7,\"sent\":6,\"rows\":6,\"lost\":1,\"doubled\":0,\"unsent\":0,")
        .contains("\"examples\":[\"lost forged\"]");
    // What it left is kept for a look.
    String kept = run.err().replaceAll("(?s).*Kept: (\\S+)\\s*$", "$1");
    assertThat(Path.of(kept, "journals")).isDirectory();
    deleteAll(Path.of(kept));
  }

  @Test
  void aPlainFileIsComparedByTheSameMeans() {
    CommandLineRun run =
        CommandLineRun.of(
            "stress", "--processes", 2, "--appends", 5, "--compare", "plain-file", "--json");

    assertThat(run.code()).as(run.toString()).isZero();
    assertThat(last(run.out()))
        .contains("\"acknowledged\":10,\"sent\":10,\"rows\":10,\"lost\":0,")
        .containsPattern(
            "\"plain_file\":\\{\"acknowledged\":10,\"rows\":[0-9]+,\"lost\":[0-9],\"seconds\":");
  }

  @Test
  void aTableThatIsThereIsNotTouched() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");

    CommandLineRun run = CommandLineRun.of("stress", table, "--processes", 1, "--appends", 1);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("There is a table at");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  private static void deleteAll(Path folder) throws IOException {
    try (var all = Files.walk(folder)) {
      for (Path file : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
