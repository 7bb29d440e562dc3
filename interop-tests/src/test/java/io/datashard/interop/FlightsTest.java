package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Snapshot;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Promise: 336,776 real flights, loaded by 12 concurrent processes of the command line, are what
 * pandas reads from the same CSV file; whole, filtered, and as of the middle of the load.
 */
@NeedsPython
class FlightsTest {
  private static final int PROCESSES = 12;
  private static final int BATCH = 1_000;
  private static final int ROWS = 336_776;

  private static final Schema SCHEMA =
      Schema.builder()
          .required("year", Type.INT)
          .required("month", Type.INT)
          .required("day", Type.INT)
          .optional("dep_time", Type.INT)
          .required("sched_dep_time", Type.INT)
          .optional("dep_delay", Type.DOUBLE)
          .optional("arr_time", Type.INT)
          .required("sched_arr_time", Type.INT)
          .optional("arr_delay", Type.DOUBLE)
          .required("carrier", Type.STRING)
          .required("flight", Type.LONG)
          .optional("tailnum", Type.STRING)
          .required("origin", Type.STRING)
          .required("dest", Type.STRING)
          .optional("air_time", Type.FLOAT)
          .required("distance", Type.LONG)
          .required("hour", Type.INT)
          .required("minute", Type.INT)
          .required("time_hour", Type.TIMESTAMPTZ)
          .build();

  /** What a process said of one commit: which rows of the CSV file are in which snapshot. */
  private record Ack(long snapshot, int firstRow, int endRow, long nanos) {}

  private record Slice(Path path, int firstRow) {}

  @TempDir static Path folder;

  @SuppressWarnings("NullAway.Init")
  private static Table table;

  private static final List<Ack> ACKS = Collections.synchronizedList(new ArrayList<>());
  private static Instant middle = Instant.EPOCH;
  private static long middleNanos;

  @BeforeAll
  static void load() throws Exception {
    Path location = folder.resolve("flights");
    run(
        "create",
        location.toString(),
        "--schema",
        schemaFile().toString(),
        "--property",
        "datashard.history.head-bytes=1048576"); // other engines see what the head lists
    List<Slice> slices = slices();
    assertThat(slices).hasSize(PROCESSES);
    ExecutorService pool = Executors.newFixedThreadPool(PROCESSES);
    try {
      List<Future<?>> loads = new ArrayList<>();
      for (Slice slice : slices) {
        loads.add(pool.submit(() -> append(location, slice)));
      }
      for (Future<?> load : loads) {
        load.get(5, TimeUnit.MINUTES);
      }
    } finally {
      pool.shutdownNow();
    }
    table = DataShard.loadTable(location);
  }

  @AfterAll
  static void close() {
    table.close();
  }

  private static Path schemaFile() throws IOException {
    return Files.writeString(folder.resolve("schema.json"), SCHEMA.toJson());
  }

  private static List<Slice> slices() {
    JsonNode answer =
        PythonWorker.ask(
            PythonWorker.request("flights_slices")
                .put("folder", folder.toString())
                .put("count", PROCESSES));
    List<Slice> slices = new ArrayList<>();
    for (JsonNode slice : answer.path("slices")) {
      slices.add(new Slice(Path.of(slice.path("path").asText()), slice.path("first").asInt()));
    }
    return slices;
  }

  private static Process start(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx128m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "io.datashard.cli.Main"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
        .start();
  }

  private static void run(String... words) throws Exception {
    Process process = start(words);
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
  }

  private static void append(Path location, Slice slice) {
    try {
      Process process =
          start(
              "append",
              location.toString(),
              slice.path.toString(),
              "--batch",
              String.valueOf(BATCH),
              "--null",
              "NA");
      try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
        int row = slice.firstRow;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
          JsonNode commit = PythonWorker.JSON.readTree(line);
          int end = row + commit.path("rows").asInt();
          acknowledged(new Ack(commit.path("snapshot_id").asLong(), row, end, System.nanoTime()));
          row = end;
        }
      }
      assertThat(process.waitFor()).as("exit code for %s", slice.path).isZero();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void acknowledged(Ack ack) {
    synchronized (ACKS) {
      ACKS.add(ack);
      if (ACKS.size() == ROWS / BATCH / 2) {
        middle = Instant.now();
        middleNanos = System.nanoTime();
      }
    }
  }

  @Test
  void everyBatchIsInTheCommitThatItWasTold() {
    assertThat(ACKS).hasSize(PROCESSES * (ROWS / PROCESSES / BATCH + 1));
    Map<Long, Long> rowsBySnapshot = new HashMap<>();
    for (Ack ack : ACKS) { // batches of one moment share a commit
      rowsBySnapshot.merge(ack.snapshot(), (long) ack.endRow() - ack.firstRow(), Long::sum);
    }
    Map<Long, Long> added = new HashMap<>();
    table
        .snapshots()
        .forEach(s -> added.put(s.snapshotId(), Long.valueOf(s.summary().get("added-records"))));
    assertThat(added).isEqualTo(rowsBySnapshot);
  }

  @Test
  void rowsAreThoseThatPandasReads() {
    ObjectNode request = PythonWorker.request("flights_rows");
    request.putArray("ranges").addArray().add(0).add(ROWS);
    Answer pandas = pandas(request);
    assertThat(pandas.rows()).isEqualTo(ROWS);
    assertThat(table.scan().count()).isEqualTo(ROWS);
    sameAs(pandas, OurReader.read(table.scan()));
    sameAs(pandas, OurReader.read(table.scan().parallel(2)));
  }

  @ParameterizedTest
  @EnumSource(names = {"PYICEBERG", "DUCKDB"})
  void foreignReadersSeeThemToo(ForeignReader reader) {
    Answer.requireSame(
        reader.toString(),
        SCHEMA,
        OurReader.read(table.scan()),
        reader.read(table.metadataLocation(), SCHEMA));
  }

  @Test
  void sumsNullCountsAndCarriersAreThoseOfPandas() {
    JsonNode pandas = PythonWorker.ask(PythonWorker.request("flights_summary"));
    Map<String, Long> carriers = new TreeMap<>();
    Map<String, Long> nulls = new HashMap<>();
    Map<String, Double> sums = new HashMap<>();
    long rows = 0;
    try (Batches batches = table.scan().batches(10_000)) {
      for (Batch batch : batches) {
        rows += batch.rows();
        for (Field field : SCHEMA.fields()) {
          Column column = batch.column(field.name());
          nulls.merge(field.name(), (long) column.nullCount(), Long::sum);
          sums.merge(field.name(), sum(column), Double::sum);
        }
        Column carrier = batch.column("carrier");
        for (int i = 0; i < batch.rows(); i++) {
          carriers.merge((String) carrier.value(i), 1L, Long::sum);
        }
      }
    }

    assertThat(rows).isEqualTo(pandas.path("rows").asLong()).isEqualTo(ROWS);
    assertThat(carriers).hasSize(pandas.path("carriers").size());
    carriers.forEach(
        (carrier, count) ->
            assertThat(count)
                .as(carrier)
                .isEqualTo(pandas.path("carriers").path(carrier).asLong())
                .isEqualTo(table.scan().where("carrier = '" + carrier + "'").count()));
    for (Field field : SCHEMA.fields()) {
      String name = field.name();
      assertThat(nulls.get(name))
          .as("nulls in %s", name)
          .isEqualTo(pandas.path("nulls").path(name).asLong(-1))
          .isEqualTo(table.scan().where(name + " IS NULL").count());
      if (pandas.path("sums").has(name)) {
        assertThat(sums.get(name))
            .as("sum of %s", name)
            .isEqualTo(pandas.path("sums").path(name).asDouble());
      }
    }
  }

  /** Whole numbers all of them, so that doubles add up exactly. */
  private static double sum(Column column) {
    double sum = 0;
    for (int i = 0; i < column.size(); i++) {
      if (column.value(i) instanceof Number number) {
        sum += number.doubleValue();
      }
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "int         | month = 6 AND hour < 9           | month == 6 and hour < 9",
        "int, null   | dep_time IS NULL                 | dep_time.isna()",
        "long        | distance BETWEEN 500 AND 760     | distance >= 500 and distance <= 760",
        "float       | air_time > 600.5                 | air_time > 600.5",
        "double      | dep_delay >= 120 OR arr_delay < -60 | dep_delay >= 120 or arr_delay < -60",
        "double, not | NOT dep_delay <= 120             | not (dep_delay <= 120) and dep_delay.notna()",
        "string      | carrier IN ('AA', 'HA') AND dest != 'LAX' | carrier in ['AA', 'HA'] and dest != 'LAX'",
        "string, like| tailnum STARTS WITH 'N14'        | tailnum.str.startswith('N14', na=False)",
        "timestamptz | time_hour >= '2013-12-31T23:00:00Z' | time_hour >= '2013-12-31T23:00:00Z'",
      })
  void filtersGiveTheRowsOfPandas(String type, String filter, String query) {
    ObjectNode request = PythonWorker.request("flights_where").put("query", query);
    Answer pandas = pandas(request);
    assertThat(pandas.rows()).as(type).isBetween(1L, ROWS - 1L);
    sameAs(pandas, OurReader.read(table.scan().where(filter)));
    assertThat(table.scan().where(filter).count()).isEqualTo(pandas.rows());
  }

  @Test
  void theMiddleOfTheLoadCanBeReadAgain() {
    Snapshot then = table.snapshotAsOf(middle);
    List<Ack> in = new ArrayList<>();
    for (Ack ack : ACKS) {
      boolean visible = table.snapshot(ack.snapshot).sequenceNumber() <= then.sequenceNumber();
      if (visible) {
        in.add(ack);
      }
      if (ack.nanos < middleNanos) {
        assertThat(visible).as("acknowledged before that moment: %s", ack).isTrue();
      }
    }
    assertThat(in.size()).isBetween(ACKS.size() / 2 - PROCESSES, ACKS.size() - 1);

    ObjectNode request = PythonWorker.request("flights_rows");
    ArrayNode ranges = request.putArray("ranges");
    in.forEach(ack -> ranges.addArray().add(ack.firstRow).add(ack.endRow));
    Answer pandas = pandas(request);
    sameAs(pandas, OurReader.read(table.scan().asOf(middle)));
    sameAs(pandas, OurReader.read(table.scan().at(then.snapshotId())));
    assertThat(table.scan().asOf(middle).count()).isEqualTo(pandas.rows());
    for (ForeignReader reader : List.of(ForeignReader.PYICEBERG, ForeignReader.DUCKDB)) {
      sameAs(pandas, reader.read(table.metadataLocation(), SCHEMA, null, then.snapshotId()));
    }
  }

  private static Answer pandas(ObjectNode request) {
    request.set("columns", ForeignReader.columns(SCHEMA));
    JsonNode answer = PythonWorker.ask(request);
    return new Answer(
        answer.path("rows").asLong(),
        answer.path("digest").asText(),
        () -> {
          throw new AssertionError("pandas saw other rows: " + answer + " for " + request);
        });
  }

  private static void sameAs(Answer pandas, Answer other) {
    Answer.requireSame("pandas (we) and another reader", SCHEMA, pandas, other);
  }
}
