package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code clean}: says what it deletes, and deletes what it says (I7). */
class CleanTest {
  private static final String NAME = "00112233445566778899aabbccddeeff";

  @TempDir private Path folder;
  private Path table;
  private Path orphan;
  private Path temporary;

  @BeforeEach
  void orphans() throws IOException, InterruptedException {
    table = CommandLineRun.table(folder.resolve("t"), "id int");
    CommandLineRun.append(table, "{\"id\":1}", "{\"id\":2}");
    orphan = Files.writeString(table.resolve("data/" + NAME + "-0.parquet"), "12345");
    temporary = Files.writeString(table.resolve("metadata/.tmp-" + NAME), "123");
    Files.writeString(table.resolve("data/mine.txt"), "1");
    // The kernel's note of when a file got its name cannot be set back.
    Instant old = Instant.now().plusMillis(1_100);
    while (Instant.now().isBefore(old)) {
      Thread.sleep(50);
    }
  }

  @Test
  void orphansAreDeletedAndTold() {
    CommandLineRun run = CommandLineRun.of("clean", table, "--older-than", "1s");

    assertThat(run.code()).isZero();
    assertThat(run.out().lines().toList())
        .hasSize(2)
        .satisfies(
            lines -> assertThat(lines.get(0)).matches(" +3  20.*Z  metadata/\\.tmp-" + NAME),
            lines -> assertThat(lines.get(1)).matches(" +5  20.*Z  data/" + NAME + "-0\\.parquet"));
    assertThat(run.err().strip())
        .isEqualTo(
            "Deleted 2 orphan files of 8 bytes. 1 files that nothing leads to have names that"
                + " DataShard does not give; they were left alone.");
    assertThat(orphan).doesNotExist();
    assertThat(temporary).doesNotExist();
    assertThat(table.resolve("data/mine.txt")).exists();
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("2\n");
    assertThat(CommandLineRun.outputOf("verify", table)).startsWith("No damage");
  }

  @Test
  void aDryRunOnlyTells() {
    CommandLineRun run =
        CommandLineRun.of("clean", table, "--dry-run", "--older-than", "1s", "--json");

    assertThat(run.code()).isZero();
    assertThat(run.out())
        .contains("{\"path\":\"data/" + NAME + "-0.parquet\",\"bytes\":5,\"modified_ms\":");
    assertThat(run.err()).startsWith("Would delete 2 orphan files of 8 bytes.");
    assertThat(orphan).exists();
    assertThat(temporary).exists();
  }

  @Test
  void aDayIsTheGraceIfNotSaidOtherwise() {
    CommandLineRun run = CommandLineRun.of("clean", table);

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("Deleted 0 orphan files of 0 bytes. 2 younger ones");
    assertThat(orphan).exists();
  }

  @Test
  void doubtEndsItWithNothingDeleted() throws IOException {
    try (var lists = Files.list(table.resolve("metadata/manifests"))) {
      Path list = lists.filter(each -> each.toString().contains("snap-")).findFirst().orElseThrow();
      Files.delete(list);

      CommandLineRun run = CommandLineRun.of("clean", table, "--older-than", "1s");

      assertThat(run.code()).isEqualTo(1);
      assertThat(run.out()).isEmpty();
      assertThat(run.err()).contains("No orphan files of").contains(list.getFileName().toString());
      assertThat(orphan).exists();
    }
  }

  @Test
  void nothingOutsideTheTableIsReached() throws IOException {
    Path outside = Files.createDirectories(folder.resolve("outside"));
    Path secret = Files.writeString(outside.resolve("1-0011223344556677.root"), "secret");
    Path history = Files.createSymbolicLink(table.resolve("metadata/history"), outside);

    assertThat(CommandLineRun.of("clean", table, "--older-than", "1s").out())
        .doesNotContain("0011223344556677");
    assertThat(secret).hasContent("secret");
    Files.delete(history);

    Files.createSymbolicLink(table.resolve("data/" + NAME + "-1.parquet"), secret);
    CommandLineRun run = CommandLineRun.of("clean", table, "--older-than", "1s");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("No orphan files of").contains("outside the table");
    assertThat(secret).hasContent("secret");
  }

  @Test
  void agesThatAreNoneAreWrongUsage() {
    for (String age : new String[] {"0s", "a day", "5", "1w", "999999999d"}) {
      CommandLineRun run = CommandLineRun.of("clean", table, "--older-than", age);
      assertThat(run.code()).as("exit code of %s", age).isEqualTo(2);
      assertThat(run.err()).as("error of %s", age).isNotEmpty();
    }
    assertThat(orphan).exists();
  }
}
