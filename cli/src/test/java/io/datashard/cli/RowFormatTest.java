package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows as Arrow and Parquet, out and in, and rows into files. */
class RowFormatTest {
  @TempDir private Path folder;
  private Path table;
  private Path copy;

  @BeforeEach
  void aTableAndAnEmptyOne() {
    String[] columns = {"id long required", "s string", "u uuid", "d decimal(20,3)"};
    table = CommandLineRun.table(folder.resolve("t"), columns);
    copy = CommandLineRun.table(folder.resolve("copy"), columns);
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 10_000; i++) {
      rows.append("{\"id\":" + i + ",\"s\":\"s" + i % 7 + "\",\"d\":\"" + i + ".125\"}\n");
    }
    CommandLineRun.append(table, rows.toString().strip());
    CommandLineRun.append(
        table, "{\"id\":-1,\"u\":\"00000000-0000-0000-0000-00000000000a\",\"s\":\"\"}");
  }

  private static byte[] run(InputStream in, OutputStream err, int code, Object... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<String> args = Arrays.stream(words).map(String::valueOf).toList();
    assertThat(Cli.run(args, in, out, err)).as("exit code of %s", args).isEqualTo(code);
    return out.toByteArray();
  }

  private static byte[] bytes(Object... words) {
    return run(InputStream.nullInputStream(), OutputStream.nullOutputStream(), 0, words);
  }

  @Test
  void arrowThroughAPipe() {
    byte[] stream = bytes("scan", table, "--format", "arrow");
    run(
        new ByteArrayInputStream(stream),
        OutputStream.nullOutputStream(),
        0,
        "append",
        copy,
        "--format",
        "arrow");
    assertThat(CommandLineRun.outputOf("scan", copy))
        .isEqualTo(CommandLineRun.outputOf("scan", table));
  }

  @Test
  void arrowInBatchesIsSeveralCommits() {
    Path file = folder.resolve("rows.arrows");
    CommandLineRun.outputOf("scan", table, "--output", file);
    String commits = CommandLineRun.outputOf("append", copy, file, "--batch", "3000");
    assertThat(commits.lines())
        .hasSize(4)
        .allSatisfy(line -> assertThat(line).containsPattern("\"rows\":(3000|1001),"));
    assertThat(CommandLineRun.outputOf("scan", copy))
        .isEqualTo(CommandLineRun.outputOf("scan", table));
  }

  @Test
  void parquetIsOneFileThatCanBeAppended() throws IOException {
    Path file = folder.resolve("rows.parquet");
    CommandLineRun.outputOf("scan", table, "--where", "id < 5000", "--output", file);
    assertThat(Files.readAllBytes(file))
        .isEqualTo(bytes("scan", table, "--where", "id < 5000", "--format", "parquet"));
    CommandLineRun.outputOf("append", copy, file);
    assertThat(CommandLineRun.outputOf("scan", copy))
        .isEqualTo(CommandLineRun.outputOf("scan", table, "--where", "id < 5000"));
  }

  @Test
  void textGoesIntoFilesTooAndReplacesThem() throws IOException {
    Path file = folder.resolve("rows.csv");
    Files.writeString(file, "old");
    CommandLineRun.outputOf("scan", table, "--where", "id = 3", "--output", file);
    assertThat(file).content().isEqualTo("id,s,u,d\n3,s3,,3.125\n");
  }

  @Test
  void aFailureLeavesTheOldFileAndNoPart() throws IOException {
    Path file = folder.resolve("rows.parquet");
    Files.writeString(file, "old");
    removeADataFile();
    CommandLineRun run = CommandLineRun.of("scan", table, "--output", file);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("data/");
    assertThat(file).content().isEqualTo("old");
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()))
          .containsExactlyInAnyOrder("t", "copy", "rows.parquet");
    }
  }

  private void removeADataFile() throws IOException {
    try (var files = Files.list(table.resolve("data"))) {
      // The smaller one is the second in the table: the failure comes in mid-stream.
      Path least =
          files.min(java.util.Comparator.comparingLong(f -> f.toFile().length())).orElseThrow();
      Files.delete(least);
    }
  }

  @Test
  void aStreamThatFailsInTheMiddleIsNoShorterStream() throws IOException {
    removeADataFile();
    byte[] stream =
        run(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            1,
            "scan",
            table,
            "--format",
            "arrow");
    assertThat(stream.length).isGreaterThan(100_000);
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    run(new ByteArrayInputStream(stream), err, 1, "append", copy, "--format", "arrow");
    assertThat(err.toString(java.nio.charset.StandardCharsets.UTF_8))
        .contains("cut off")
        .contains("Nothing was committed");
    assertThat(CommandLineRun.outputOf("count", copy)).isEqualTo("0\n");
  }

  @Test
  void whoeverStopsReadingEndsItQuietly() {
    OutputStream pipe =
        new OutputStream() {
          private int left = 70_000;

          @Override
          public void write(int b) throws IOException {
            write(new byte[1], 0, 1);
          }

          @Override
          public void write(byte[] bytes, int start, int length) throws IOException {
            left -= length;
            if (left < 0) {
              throw new IOException("Broken pipe");
            }
          }
        };
    for (String format : List.of("arrow", "parquet", "jsonl")) {
      ByteArrayOutputStream err = new ByteArrayOutputStream();
      List<String> args = List.of("scan", table.toString(), "--format", format);
      assertThat(Cli.run(args, InputStream.nullInputStream(), pipe, err)).as(format).isZero();
      assertThat(err.size()).as(format).isZero();
    }
  }

  @Test
  void whatCannotBeIsSaid() {
    assertThat(CommandLineRun.of("scan", table, "--format", "xml").err())
        .contains("jsonl, csv, table, arrow or parquet, got 'xml'");
    assertThat(CommandLineRun.of("scan", table, "--follow", "--format", "arrow").code())
        .isEqualTo(2);
    assertThat(CommandLineRun.of("scan", table, "--output", folder).err()).contains("is a folder");
    assertThat(CommandLineRun.withInput("{\"id\":1}", "append", copy, "--format", "arrow").err())
        .contains("no Arrow IPC stream");
  }
}
