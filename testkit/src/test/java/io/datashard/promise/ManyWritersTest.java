package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.testkit.tables.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I1, I3: threads that share a handle, threads with a handle each, and processes, all appending to
 * one table at once; some of them killed. Every acknowledged row is there exactly once.
 */
@Timeout(600)
class ManyWritersTest {
  private static final int IDS_EACH = 100_000;

  @TempDir Path folder;

  private Path table() {
    Path path = folder.resolve("t");
    DataShard.createTable(path, Tables.SCHEMA).close();
    return path;
  }

  private static Map<Integer, Integer> countsById(Path path) {
    Map<Integer, Integer> counts = new TreeMap<>();
    try (Table table = DataShard.loadTable(path)) {
      table
          .scan()
          .select("id")
          .toMaps()
          .forEach(r -> counts.merge((Integer) r.get("id"), 1, Integer::sum));
      assertThat(table.version()).isGreaterThan(1);
    }
    return counts;
  }

  private Process start(Path table, int writer, int count, Path journal) throws IOException {
    return RealProcess.start(
        folder.resolve("output" + writer).toFile(),
        AppendingProcess.class,
        table,
        writer * IDS_EACH,
        count,
        journal);
  }

  @Test
  void threadsAndProcessesTogether() throws Exception {
    Path path = table();
    List<Process> processes = new ArrayList<>();
    for (int i = 10; i < 13; i++) {
      processes.add(start(path, i, 15, folder.resolve("journal" + i)));
    }
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Future<Void>> running = new ArrayList<>();
    try (Table shared = DataShard.loadTable(path)) {
      for (int i = 0; i < 8; i++) {
        int first = i * IDS_EACH;
        boolean own = i >= 4;
        Callable<Void> work =
            () -> {
              try (Table mine = own ? DataShard.loadTable(path) : null) {
                for (int k = 0; k < 10; k++) {
                  (mine == null ? shared : mine).append(Tables.rows(first + k, first + k + 1));
                }
              }
              return null;
            };
        running.add(threads.submit(work));
      }
      for (Future<Void> each : running) {
        each.get();
      }
    } finally {
      threads.shutdown();
    }
    for (Process process : processes) {
      assertThat(process.waitFor(300, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    }
    Map<Integer, Integer> counts = countsById(path);
    assertThat(counts).hasSize(8 * 10 + 3 * 15);
    assertThat(counts.values()).containsOnly(1);
  }

  @Test
  void killedWritersLoseNothingThatWasAcknowledged() throws Exception {
    killRandomly(8, 3);
  }

  @Tag("slow")
  @Test
  void aHundredKills() throws Exception {
    killRandomly(100, 6);
  }

  /** Kills one writer after another at random moments; each is replaced by a new one. */
  private void killRandomly(int kills, int writers) throws Exception {
    Path path = table();
    Random random = new Random(kills);
    List<Path> journals = new ArrayList<>();
    List<Process> running = new ArrayList<>();
    int started = 0;
    for (int killed = 0; killed < kills; killed++) {
      while (running.size() < writers) {
        Path journal = folder.resolve("journal" + started);
        journals.add(journal);
        running.add(start(path, started++, 20_000, journal));
      }
      // By what happened, not by the clock: a slow machine only takes longer.
      awaitAcknowledged(journals, acknowledgedIn(journals) + 1 + random.nextInt(6));
      Thread.sleep(random.nextInt(30));
      Process victim = running.remove(random.nextInt(running.size()));
      victim.destroyForcibly().waitFor();
    }
    for (Process process : running) {
      process.destroyForcibly().waitFor();
    }
    int acknowledged = 0;
    Map<Integer, Integer> counts = countsById(path);
    for (Path journal : journals) {
      if (!Files.exists(journal)) {
        continue; // killed before it began
      }
      int last = -1;
      for (String line : Files.readAllLines(journal)) {
        if (line.startsWith("acknowledged ")) {
          acknowledged++;
          assertThat(counts).containsEntry(Integer.valueOf(line.substring(13)), 1);
        } else if (line.startsWith("sent ")) {
          last = Integer.parseInt(line.substring(5));
          // Sent and not acknowledged: there or not, but not twice.
          assertThat(counts.getOrDefault(last, 0)).isIn(0, 1);
        }
      }
      if (last >= 0) {
        assertThat(counts).doesNotContainKey(last + 1); // nothing that nobody sent
      }
    }
    assertThat(acknowledged).as("acknowledged appends").isGreaterThanOrEqualTo(kills);
    assertThat(counts.values()).containsOnly(1);
  }

  private static long acknowledgedIn(List<Path> journals) throws IOException {
    long count = 0;
    for (Path journal : journals) {
      if (Files.exists(journal)) {
        try (Stream<String> lines = Files.lines(journal)) {
          count += lines.filter(line -> line.startsWith("acknowledged ")).count();
        }
      }
    }
    return count;
  }

  private static void awaitAcknowledged(List<Path> journals, long wanted) throws Exception {
    while (acknowledgedIn(journals) < wanted) {
      Thread.sleep(5);
    }
  }

  @Test
  void aTableReplacedUnderAnOpenHandleIsNeverBuiltUpon() throws IOException {
    Path path = table();
    try (Table old = DataShard.loadTable(path)) {
      old.append(Tables.rows(0, 1));
      Files.move(path, folder.resolve("aside"));
      DataShard.createTable(path, Tables.SCHEMA).close(); // I11: another table by the same name
      assertThat(catchThrowable(() -> old.append(Tables.rows(1, 2))))
          .isInstanceOfAny(ConflictException.class, CorruptTableException.class)
          .hasMessageContaining("replaced");
    }
    try (Table fresh = DataShard.loadTable(path)) {
      assertThat(fresh.scan().count()).isZero();
    }
  }

  @Test
  void pathsOutsideTheTableAreNotRead() throws IOException {
    Path path = table();
    try (Table table = DataShard.loadTable(path)) {
      table.append(Tables.rows(0, 1));
    }
    Path metadata = path.resolve("metadata/v2.metadata.json");
    String json = Files.readString(metadata);
    String outside =
        json.replace(path.toRealPath() + "/metadata/manifests/", folder + "/other/")
            .replace("datashard-crc32", "no-checksum");
    assertThat(outside).isNotEqualTo(json);
    Files.writeString(metadata, outside); // I8
    try (Table table = DataShard.loadTable(path)) {
      assertThat(catchThrowable(() -> table.scan().toMaps()))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("outside");
    }
  }
}
