package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Tables;
import io.datashard.Transaction;
import io.datashard.error.ConflictException;
import io.datashard.error.TableNotFoundException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.EnvironmentStore;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.OrphanFiles.OrphanFile;
import io.datashard.testkit.s3.S3Server;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Tables in a bucket through the door, as users have them. A server's test adds its variables. */
@Timeout(180)
abstract class S3Tables {
  static final Schema SCHEMA =
      Schema.builder().required("id", Type.INT).optional("name", Type.STRING).build();

  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir Path folder;

  /** What the user sets. */
  abstract Map<String, String> variables();

  /** Lets time go by on the server's clock. */
  abstract void passTime(Duration time);

  String name;
  Tables tables;

  @BeforeEach
  void open() {
    name = "tables/t-" + TABLES.incrementAndGet();
    tables = DataShard.on(EnvironmentStore.of(variables()));
  }

  static List<Map<String, Object>> rows(int first, int end) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int id = first; id < end; id++) {
      rows.add(Map.of("id", id, "name", "row " + id));
    }
    return rows;
  }

  Map<Integer, Integer> countsById() {
    Map<Integer, Integer> counts = new TreeMap<>();
    try (Table table = tables.loadTable(name)) {
      table
          .scan()
          .select("id")
          .toMaps()
          .forEach(row -> counts.merge((Integer) row.get("id"), 1, Integer::sum));
    }
    return counts;
  }

  void assertWhole() {
    assertThat(tables.verify(name).deep().run().isWhole()).as("verified").isTrue();
  }

  static void assertOnce(Map<Integer, Integer> counts, int first, int end) {
    for (int id = first; id < end; id++) {
      assertThat(counts).containsEntry(id, 1);
    }
  }

  @Test
  void aTableIsCreatedAppendedToReadAndTravelled() {
    assertThatThrownBy(() -> tables.loadTable(name)).isInstanceOf(TableNotFoundException.class);
    long first;
    try (Table table = tables.createTable(name, SCHEMA)) {
      assertThat(table.wasCreated()).isTrue();
      assertThat(table.location()).startsWith("s3://").endsWith("/" + name);
      first = table.append(rows(0, 10)).snapshotId();
      table.append(rows(10, 1000));
      assertThat(table.scan().count()).isEqualTo(1000);
      assertThat(table.scan().where("id >= 995").toMaps()).hasSize(5);
    }
    try (Table again = tables.createTable(name, SCHEMA)) {
      assertThat(again.wasCreated()).isFalse();
      assertThat(again.scan().at(first).count()).isEqualTo(10);
      assertThat(again.scan().asOf(again.snapshot(first).timestamp()).toMaps()).hasSize(10);
      assertThat(again.snapshots()).hasSize(2);
    }
    assertOnce(countsById(), 0, 1000);
    assertWhole();
  }

  @Test
  void aLargeAppendGoesInPartsAndIsScannedByRanges() {
    try (Table table = tables.createTable(name, SCHEMA)) {
      List<Map<String, Object>> large = new ArrayList<>();
      java.util.Random random = new java.util.Random(1);
      for (int id = 0; id < 60_000; id++) {
        byte[] text = new byte[150];
        random.nextBytes(text);
        large.add(Map.of("id", id, "name", java.util.Base64.getEncoder().encodeToString(text)));
      }
      table.append(large);
      assertThat(table.scan().where("id between 30000 and 30009").toMaps()).hasSize(10);
      assertThat(table.scan().parallel(2).toMaps()).hasSize(60_000);
    }
    assertWhole();
  }

  @Test
  void threadsAppendAtOnce() throws Exception {
    tables.createTable(name, SCHEMA).close();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        int first = thread * 100;
        all.add(
            threads.submit(
                () -> {
                  try (Table table = tables.loadTable(name)) {
                    for (int i = 0; i < 10; i++) {
                      table.append(rows(first + i, first + i + 1));
                    }
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    Map<Integer, Integer> counts = countsById();
    for (int thread = 0; thread < 4; thread++) {
      assertOnce(counts, thread * 100, thread * 100 + 10);
    }
    assertThat(counts).hasSize(40);
    assertWhole();
  }

  /** Through {@code DATASHARD_S3_*} of their own; with a committer for all, and each for itself. */
  @Test
  void processesAppendAtOnce() throws Exception {
    tables.createTable(name, SCHEMA).close();
    Path machine = Files.createDirectory(folder.resolve("machine"));
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      processes.add(start(i, i < 2 ? machine.toString() : "none"));
    }
    for (int i = 0; i < 4; i++) {
      assertThat(processes.get(i).waitFor(150, TimeUnit.SECONDS)).isTrue();
      assertThat(processes.get(i).exitValue())
          .as("process %s: %s", i, Files.readString(folder.resolve("output" + i)))
          .isZero();
    }
    Map<Integer, Integer> counts = countsById();
    for (int i = 0; i < 4; i++) {
      assertOnce(counts, i * 100, i * 100 + 10);
    }
    assertThat(counts).hasSize(40);
    assertWhole();
  }

  private Process start(int number, String machine) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                AppendingProcess.class.getName(),
                name,
                String.valueOf(number * 100),
                "10")
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("output" + number).toFile());
    builder.environment().putAll(variables());
    builder.environment().put("DATASHARD_MACHINE_DIR", machine);
    return builder.start();
  }

  /** Appends rows one by one. */
  static final class AppendingProcess {
    private AppendingProcess() {}

    public static void main(String[] args) {
      int first = Integer.parseInt(args[1]);
      try (Table table = DataShard.loadTable(args[0])) {
        for (int id = first; id < first + Integer.parseInt(args[2]); id++) {
          table.append(rows(id, id + 1));
        }
      }
    }
  }

  @Test
  void whoeverLosesADeleteIsTold() {
    try (Table table = tables.createTable(name, SCHEMA);
        Table other = tables.loadTable(name)) {
      Committed all = table.append(rows(0, 10));
      List<String> files =
          table.dataFiles(table.snapshot(all.snapshotId())).map(DataFile::location).toList();
      try (Transaction slow = table.newTransaction();
          Transaction quick = other.newTransaction()) {
        slow.removeFiles(files);
        quick.removeFiles(files);
        quick.commit();
        assertThatThrownBy(slow::commit).isInstanceOf(ConflictException.class);
      }
      assertThat(table.scan().count()).isZero();
      assertThat(table.scan().at(all.snapshotId()).count()).isEqualTo(10);
    }
    assertWhole();
  }

  @Test
  void whatWritersLeftBehindIsCleaned() {
    String orphan = "data/00112233445566778899aabbccddeeff-0.parquet";
    Storage storage = EnvironmentStore.of(variables()).at(name);
    try (Table table = tables.createTable(name, SCHEMA)) {
      table.append(rows(0, 10));
      storage.createExclusive(orphan, ByteBuffer.allocate(10));
      passTime(Duration.ofSeconds(3));
      assertThat(table.removeOrphanFiles().olderThan(Duration.ofSeconds(1)).run().files())
          .extracting(OrphanFile::path)
          .containsExactly(orphan);
      assertThat(storage.exists(orphan)).isFalse();
      table.append(rows(10, 20));
    }
    assertOnce(countsById(), 0, 20);
    assertWhole();
  }

  static Map<String, String> variables(S3Server server, String prefix) {
    Map<String, String> all = new HashMap<>();
    all.put("DATASHARD_STORAGE_TYPE", "s3");
    all.put("DATASHARD_S3_ENDPOINT", server.endpoint().toString());
    all.put("DATASHARD_S3_ACCESS_KEY", server.accessKey());
    all.put("DATASHARD_S3_SECRET_KEY", server.secretKey());
    all.put("DATASHARD_S3_BUCKET", S3Server.BUCKET);
    all.put("DATASHARD_S3_REGION", "us-east-1");
    all.put("DATASHARD_S3_PREFIX", prefix);
    return all;
  }
}
