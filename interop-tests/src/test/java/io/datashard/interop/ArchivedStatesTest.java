package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Main;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Snapshot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Promise: foreign readers see a table with archived snapshots at its newest state and at the
 * listed ones, and any older state by the file that {@code export} writes.
 */
@NeedsPython
class ArchivedStatesTest {
  private static final int COMMITS = 60;
  private static final int THEN = 10;
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("name", Type.STRING).build();

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init")
  private static Table table;

  private static final List<Snapshot> MADE = new ArrayList<>();

  @BeforeAll
  static void fill() throws InterruptedException {
    table =
        DataShard.newTable(folder.resolve("t"), SCHEMA)
            .property("datashard.history.head-bytes", "8192")
            .create();
    for (int i = 0; i < COMMITS; i++) {
      table.append(List.of(Map.of("id", (long) i, "name", "row " + i)));
      MADE.add(table.currentSnapshot().orElseThrow());
      Thread.sleep(2); // so that times differ
    }
    assertThat(table.history().archived()).isGreaterThan(THEN + 10);
  }

  @AfterAll
  static void close() {
    table.close();
  }

  @ParameterizedTest
  @EnumSource(ForeignReader.class)
  void theNewestAndTheListedOnes(ForeignReader reader) {
    String newest = table.metadataLocation();
    same(reader, OurReader.read(table.scan()), reader.read(newest, SCHEMA));
    long listed = MADE.get(COMMITS - 4).snapshotId();
    same(
        reader, OurReader.read(table.scan().at(listed)), reader.read(newest, SCHEMA, null, listed));
  }

  @ParameterizedTest
  @EnumSource(ForeignReader.class)
  void anOlderOneThatWasExported(ForeignReader reader) throws Exception {
    Snapshot then = MADE.get(THEN);
    Path file = folder.resolve("exported " + reader).resolve("then.metadata.json");
    String said =
        cli(
            "export",
            table.location(),
            "--as-of",
            then.timestamp().toString(),
            "--to",
            file.toString());
    assertThat(said.strip()).isEqualTo(file.toString());

    Answer ours = OurReader.read(table.scan().asOf(then.timestamp()));
    assertThat(ours.rows()).isEqualTo(THEN + 1);
    same(reader, ours, reader.read(file.toString(), SCHEMA));
    same(reader, ours, reader.read(file.toString(), SCHEMA, null, then.snapshotId()));
  }

  /** What the docs warn of; when DuckDB says it, the warning can go. */
  @Test
  void duckDbAnswersWithNoRowsBeforeTheOldestListed() {
    assertThat(duckDbAsOf(table.metadataLocation(), MADE.get(COMMITS - 1))).isEqualTo(COMMITS);
    assertThat(duckDbAsOf(table.metadataLocation(), MADE.get(THEN))).isZero();
    long archived = MADE.get(THEN).snapshotId();
    assertThatThrownBy(
            () -> ForeignReader.DUCKDB.read(table.metadataLocation(), SCHEMA, null, archived))
        .isInstanceOf(PythonWorker.Failed.class);
  }

  private static long duckDbAsOf(String metadata, Snapshot snapshot) {
    return PythonWorker.ask(
            PythonWorker.request("duckdb_as_of")
                .put("location", metadata)
                .put("time", snapshot.timestamp().plusMillis(1).toString()))
        .path("rows")
        .asLong(-1);
  }

  private static void same(ForeignReader reader, Answer ours, Answer theirs) {
    Answer.requireSame("we and " + reader, SCHEMA, ours, theirs);
  }

  private static String cli(String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(words));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said;
  }
}
