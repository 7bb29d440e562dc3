package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code snapshots}, {@code describe}, {@code export} and {@code verify} of a long history. */
class ArchiveTest {
  private static final int COMMITS = 40;

  @TempDir private Path folder;
  private Path table;
  private List<String> ids;

  @BeforeEach
  void manyCommits() {
    table = folder.resolve("t");
    CommandLineRun.outputOf(
        "create",
        table,
        "--column",
        "id long required",
        "--property",
        "datashard.history.head-bytes=8192");
    String lines =
        IntStream.range(0, COMMITS)
            .mapToObj(i -> "{\"id\":" + i + "}\n")
            .collect(Collectors.joining());
    assertThat(CommandLineRun.withInput(lines, "append", table, "--batch", "1").code()).isZero();
    ids =
        CommandLineRun.outputOf("snapshots", table, "--json")
            .lines()
            .map(line -> line.replaceAll(".*\"snapshot_id\":([0-9]+).*", "$1"))
            .toList();
  }

  private List<Path> archiveFiles() throws IOException {
    try (Stream<Path> files = Files.list(table.resolve("metadata/history"))) {
      return files.sorted().toList();
    }
  }

  @Test
  void allSnapshotsAreListedAndTold() {
    assertThat(ids).hasSize(COMMITS).doesNotHaveDuplicates();
    assertThat(CommandLineRun.outputOf("snapshots", table).lines()).hasSize(COMMITS + 2);
    assertThat(CommandLineRun.outputOf("count", table, "--snapshot", ids.get(2))).isEqualTo("3\n");

    assertThat(CommandLineRun.outputOf("describe", table))
        .containsPattern("snapshot +" + ids.get(COMMITS - 1) + " of .*, the last of 40\n")
        .containsPattern(
            "history +[0-9]+ snapshots are listed, which other engines see; [0-9]+ older ones are"
                + " archived in [0-9]+ files of [0-9,]+ bytes\n");
    assertThat(CommandLineRun.outputOf("describe", table, "--json"))
        .contains("\"snapshots\":40,\"history\":{\"listed\":")
        .containsPattern(
            "\"archived\":[1-9][0-9],\"archive_files\":[0-9]+,\"archive_bytes\":[0-9]+}");
  }

  @Test
  void anArchivedStateIsExported() throws IOException {
    Path file = folder.resolve("new/old.metadata.json");
    CommandLineRun run = CommandLineRun.of("export", table, "--snapshot", ids.get(2), "--to", file);
    assertThat(run.out()).isEqualTo(file + "\n");
    assertThat(run.code()).isZero();
    byte[] exported = Files.readAllBytes(file);

    String json =
        CommandLineRun.outputOf(
            "export", table, "--snapshot", ids.get(2), "--to", file, "--json"); // the same again
    assertThat(json)
        .startsWith("{\"snapshot_id\":" + ids.get(2) + ",\"timestamp\":\"")
        .contains("iceberg_scan('" + file + "')");
    assertThat(Files.readAllBytes(file)).isEqualTo(exported);

    CommandLineRun.of("export", table, "--snapshot", ids.get(3), "--to", file)
        .failedWith(
            1,
            "datashard export: Snapshot "
                + ids.get(3)
                + " cannot be exported to "
                + file
                + ": there is something else already. Name another file, or remove it.\n");
    try (Stream<Path> left = Files.list(file.getParent())) {
      assertThat(left).containsExactly(file);
    }
    // Opened as a table, it is the state of then.
    Path copy = folder.resolve("copy/metadata");
    Files.createDirectories(copy);
    Files.copy(file, copy.resolve("v1.metadata.json"));
    assertThat(CommandLineRun.outputOf("snapshots", copy.getParent(), "--json").lines())
        .singleElement()
        .asString()
        .contains("\"snapshot_id\":" + ids.get(2));
  }

  @Test
  void theDefaultPlaceIsOutsideTheVersions() {
    Path expected = table.resolve("exports/snapshot-" + ids.get(0) + ".metadata.json");
    assertThat(CommandLineRun.outputOf("export", table, "--snapshot", ids.get(0)).strip())
        .isEqualTo(expected.toString());
    assertThat(CommandLineRun.outputOf("verify", table))
        .startsWith("No damage: ")
        .doesNotContain("belong to no snapshot");
    CommandLineRun run =
        CommandLineRun.of("export", table, "--to", table.resolve("metadata/v99.metadata.json"));
    assertThat(run.code()).isNotZero();
    assertThat(run.err()).contains("that is the folder of the table's own versions");
    assertThat(table.resolve("metadata/v99.metadata.json")).doesNotExist();
    assertThat(
            CommandLineRun.of("export", CommandLineRun.table(folder.resolve("e"), "a int")).err())
        .contains("nothing was appended");
  }

  @Test
  void aLostFileOfTheArchiveIsDamage() throws IOException {
    for (Path file : archiveFiles()) {
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      CommandLineRun run = CommandLineRun.of("verify", table);
      assertThat(run.code()).as(file.toString()).isEqualTo(3);
      assertThat(run.out()).contains("{\"file\":\"file://" + file + "\"").contains("is missing");
      Files.write(file, content);
    }
    assertThat(CommandLineRun.outputOf("verify", table)).startsWith("No damage: ");
  }
}
