package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code verify}: finds what is damaged, says which file, and exits with 3. */
class VerifyTest {
  @TempDir private Path folder;
  private Path table;

  @BeforeEach
  void threeCommits() {
    table = CommandLineRun.table(folder.resolve("t"), "id long required", "s string");
    for (int i = 0; i < 3; i++) {
      CommandLineRun.append(table, "{\"id\":" + i + ",\"s\":\"text " + i + "\"}");
    }
  }

  private List<Path> files(String below, String ending) throws IOException {
    try (Stream<Path> all = Files.walk(table.resolve(below))) {
      return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
    }
  }

  private void damaged(Path file, String what) {
    CommandLineRun run = CommandLineRun.of("verify", table);
    assertThat(run.code()).as(run.toString()).isEqualTo(3);
    assertThat(run.out())
        .startsWith("[{\"file\":\"")
        .endsWith("\"}]\n")
        .contains("{\"file\":\"file://" + file.toAbsolutePath() + "\"")
        .contains(what);
    assertThat(run.err()).containsAnyOf("1 thing is damaged.", " things are damaged.");
  }

  private void whole(Object... words) {
    CommandLineRun run = CommandLineRun.of(words);
    assertThat(run.code()).as(run.toString()).isZero();
    assertThat(run.out())
        .startsWith("No damage: 4 versions, 3 snapshots, 3 manifests, 3 data files, 3 rows, ");
  }

  @Test
  void aWholeTable() {
    whole("verify", table);
    whole("verify", table, "--deep");

    CommandLineRun json = CommandLineRun.of("verify", table, "--json");
    assertThat(json.out()).isEqualTo("[]\n");
    assertThat(json.code()).isZero();
    CommandLineRun.table(folder.resolve("empty"), "a int");
    assertThat(CommandLineRun.outputOf("verify", folder.resolve("empty")))
        .startsWith("No damage: 1 versions, 0 snapshots");
  }

  @Test
  void nothingAtAllIsNoTable() {
    CommandLineRun run = CommandLineRun.of("verify", folder.resolve("none"));

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("datashard verify: There is no table at ");
  }

  @Test
  void aMissingDataFile() throws IOException {
    Path file = files("data", ".parquet").get(1);
    Files.delete(file);

    damaged(file, file.getFileName().toString());
  }

  @Test
  void aCutDataFile() throws IOException {
    Path file = files("data", ".parquet").get(0);
    byte[] content = Files.readAllBytes(file);
    Files.write(file, java.util.Arrays.copyOf(content, content.length - 1));

    damaged(file, (content.length - 1) + "");
  }

  @Test
  void aChangedByteInAPage() throws IOException {
    Path file = files("data", ".parquet").get(2);
    byte[] content = Files.readAllBytes(file);
    int at = new String(content, StandardCharsets.ISO_8859_1).indexOf("text ");
    assertThat(at).as("where the value lies in the file").isPositive();
    content[at] ^= 1;
    Files.write(file, content);

    damaged(file, "\"what\":\"");
  }

  @Test
  void anotherDataFileOfTheSameLength() throws IOException {
    List<Path> all = files("data", ".parquet");
    Path source = all.get(0);
    Path target =
        all.stream()
            .filter(
                file -> !file.equals(source) && file.toFile().length() == source.toFile().length())
            .findFirst()
            .orElseThrow();
    Files.copy(source, target, java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    // Each file by itself is whole; only its values tell that it is not the one.
    whole("verify", table);
    CommandLineRun deep = CommandLineRun.of("verify", table, "--deep");
    assertThat(deep.code()).isEqualTo(3);
    assertThat(deep.out())
        .contains("{\"file\":\"file://" + target.toAbsolutePath() + "\"")
        .contains("Column 'id' holds Long")
        .contains("its manifest gives the ");
  }

  @Test
  void aMissingManifest() throws IOException {
    Path manifest = manifests().get(0);
    Files.delete(manifest);

    damaged(manifest, manifest.getFileName().toString());
  }

  @Test
  void aCutManifest() throws IOException {
    Path manifest = manifests().get(1);
    byte[] content = Files.readAllBytes(manifest);
    Files.write(manifest, java.util.Arrays.copyOf(content, content.length - 20));

    damaged(manifest, "\"what\":\"");
  }

  private List<Path> manifests() {
    return CommandLineRun.outputOf("files", table, "--manifests", "--json")
        .lines()
        .map(line -> line.replaceAll(".*\"path\":\"file://([^\"]+)\".*", "$1"))
        .map(Path::of)
        .toList();
  }

  private List<Path> lists() {
    return CommandLineRun.outputOf("snapshots", table, "--json")
        .lines()
        .map(line -> line.replaceAll(".*\"manifest_list\":\"file://([^\"]+)\".*", "$1"))
        .map(Path::of)
        .toList();
  }

  @Test
  void aMissingManifestListOfAnOldSnapshot() throws IOException {
    Path list = lists().get(0);
    Files.delete(list);

    damaged(list, "is missing");
  }

  @Test
  void theManifestListOfAnotherSnapshot() throws IOException {
    Files.copy(lists().get(0), lists().get(2), java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    damaged(lists().get(2), "\"what\":\"");
  }

  @Test
  void anUnreadableVersionInTheMiddle() throws IOException {
    Path version = table.resolve("metadata/v2.metadata.json");
    Files.writeString(version, "{\"format-version\":2,");

    damaged(version, "is no table metadata");
  }

  @Test
  void anUnreadableNewestVersion() throws IOException {
    Path version = table.resolve("metadata/v4.metadata.json");
    Files.write(version, new byte[0]);

    damaged(version, "\"what\":\"");
  }

  @Test
  void aGapInTheVersions() throws IOException {
    Path version = table.resolve("metadata/v2.metadata.json");
    Files.delete(version);

    damaged(version, "versions have no gaps");
  }

  @Test
  void noVersionAtAll() throws IOException {
    for (Path version : files("metadata", ".metadata.json")) {
      Files.delete(version);
    }

    damaged(table.resolve("metadata"), "There is no v<N>.metadata.json");
  }

  @Test
  void aVersionOfAnotherTable() throws IOException {
    Path other = CommandLineRun.table(folder.resolve("other"), "id long required", "s string");
    Path version = table.resolve("metadata/v3.metadata.json");
    Files.copy(
        other.resolve("metadata/v1.metadata.json"),
        version,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);

    damaged(version, "belongs to another table");
  }

  @Test
  void aWrongHintIsOnlyANote() throws IOException {
    Path hint = table.resolve("metadata/version-hint.text");
    for (String text : List.of("2", "garbage", "")) {
      Files.writeString(hint, text, StandardOpenOption.TRUNCATE_EXISTING);
      CommandLineRun run = CommandLineRun.of("verify", table);
      assertThat(run.code()).isZero();
      assertThat(run.err())
          .startsWith(
              "Note: file://" + hint.toAbsolutePath() + ": The newest version is 4, the hint is ");
    }
    Files.delete(hint);
    assertThat(CommandLineRun.of("verify", table).err()).contains("the hint is missing");
  }

  @Test
  void orphansAreCountedOnly() throws IOException {
    Files.writeString(table.resolve("data/left-over.parquet"), "x");

    assertThat(CommandLineRun.outputOf("verify", table))
        .contains("No damage")
        .contains(" 1 files belong to no snapshot");
  }

  @Test
  void aMovedTableIsWholeAndNoted() throws IOException {
    Path moved = Files.move(table, folder.resolve("moved"));

    CommandLineRun run = CommandLineRun.of("verify", moved, "--deep");

    assertThat(run.code()).as(run.toString()).isZero();
    assertThat(run.err()).contains("it was moved or copied");
  }
}
