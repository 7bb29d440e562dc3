package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Cli;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Promise: what {@code datashard scan --format arrow} and {@code parquet} print, other programs
 * read as the same whole rows of every type; and Arrow streams of theirs are appended as they are.
 */
@NeedsPython
class ArrowStreamsTest {
  private static final Schema SCHEMA = SampleRows.EVERY_TYPE;

  @TempDir Path folder;
  private Table table;

  @BeforeEach
  void aTableOfEveryType() {
    table = DataShard.createTable(folder.resolve("t"), SCHEMA);
    SampleRows rows = new SampleRows(SCHEMA, 20_261_130, 0.1, 0.3);
    table.append(rows.take(3_000));
    table.append(rows.take(1));
    table.append(rows.take(700));
  }

  private static String run(Object... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> args = List.of(words).stream().map(String::valueOf).toList();
    int code = Cli.run(args, InputStream.nullInputStream(), out, err);
    assertThat(code).as("%s: %s", args, err.toString(StandardCharsets.UTF_8)).isZero();
    return out.toString(StandardCharsets.UTF_8);
  }

  private Path printed(String name) {
    Path file = folder.resolve(name);
    run("scan", folder.resolve("t"), "--output", file);
    return file;
  }

  private Answer read(String reader, Path file) {
    ObjectNode request = PythonWorker.request("arrow_read");
    request.put("reader", reader).put("path", file.toString());
    ArrayNode columns = request.putArray("columns");
    for (Field field : SCHEMA.fields()) {
      columns.addArray().add(field.name()).add(field.type().jsonName());
    }
    JsonNode answer = PythonWorker.ask(request);
    return new Answer(
        answer.path("rows").asLong(),
        answer.path("digest").asText(),
        () -> {
          Path dump = folder.resolve("dump");
          PythonWorker.ask(request.put("dump", dump.toString()));
          try {
            return Files.readAllLines(dump);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"pyarrow", "pandas", "polars", "duckdb"})
  void theStreamHasTheSameRows(String reader) {
    Answer.requireSame(
        reader, SCHEMA, OurReader.read(table.scan()), read(reader, printed("rows.arrows")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"parquet", "parquet-polars"})
  void theParquetFileHasTheSameRows(String reader) {
    Answer.requireSame(
        reader, SCHEMA, OurReader.read(table.scan()), read(reader, printed("rows.parquet")));
  }

  @Test
  void aStreamThatEndsEarlyIsRefused() {
    Path stream = printed("rows.arrows");
    long length = stream.toFile().length();
    ObjectNode request = PythonWorker.request("arrow_cut").put("path", stream.toString());
    ArrayNode lengths = request.putArray("lengths");
    // The last four bytes are the mark of the end: what a failed scan does not write.
    for (long cut : new long[] {length - 1, length - 4, length / 2, length / 3, 300_000}) {
      lengths.add(Math.min(cut, length - 4));
    }
    JsonNode answer = PythonWorker.ask(request);
    assertThat(answer.path("pyarrow").asInt(-1)).isZero();
    assertThat(answer.path("polars").asInt(-1)).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"stream", "file", "lz4", "zstd", "wide", "views", "dictionaries"})
  void theirStreamsAreAppended(String how) {
    append(how);
  }

  private void append(String how) {
    Path theirs = folder.resolve("theirs.arrow");
    PythonWorker.ask(
        PythonWorker.request("arrow_rewrite")
            .put("path", printed("rows.arrows").toString())
            .put("to", theirs.toString())
            .put("how", how));
    Table copy = DataShard.createTable(folder.resolve("copy"), SCHEMA);
    run("append", folder.resolve("copy"), theirs);
    Answer.requireSame(how, SCHEMA, OurReader.read(table.scan()), OurReader.read(copy.scan()));
  }

  @Test
  void filesOfPolarsAreRefusedByName() {
    Path theirs = folder.resolve("theirs.arrow");
    PythonWorker.ask(
        PythonWorker.request("arrow_rewrite")
            .put("path", printed("rows.arrows").toString())
            .put("to", theirs.toString())
            .put("how", "polars-file"));
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    List<String> args = List.of("append", folder.resolve("t").toString(), theirs.toString());
    int code = Cli.run(args, InputStream.nullInputStream(), OutputStream.nullOutputStream(), err);
    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("write_ipc_stream");
  }

  @Test
  void polarsStreamsAreAppendedButForItsTypes() throws IOException {
    // Polars has no times of microseconds, no uuids, no bytes of a fixed length.
    List<String> columns =
        SCHEMA.fields().stream()
            .filter(
                f ->
                    switch (f.type().kind()) {
                      case TIME, UUID, FIXED -> false;
                      default -> true;
                    })
            .map(Field::name)
            .toList();
    Path stream = folder.resolve("some.arrows");
    try (OutputStream out = Files.newOutputStream(stream)) {
      io.datashard.arrow.ArrowIpc.write(table.scan().select(columns), out);
    }
    Path theirs = folder.resolve("theirs.arrow");
    PythonWorker.ask(
        PythonWorker.request("arrow_rewrite")
            .put("path", stream.toString())
            .put("to", theirs.toString())
            .put("how", "polars"));
    Schema some = SCHEMA.select(columns);
    Table copy = DataShard.createTable(folder.resolve("copy"), some);
    run("append", folder.resolve("copy"), theirs);
    Answer.requireSame(
        "polars", some, OurReader.read(table.scan().select(columns)), OurReader.read(copy.scan()));
  }
}
