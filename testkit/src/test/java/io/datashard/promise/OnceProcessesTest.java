package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.tables.Tables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * I3, with real processes: all of them append the same numbers of the same sources, in orders of
 * their own, with little time at times, and try again after every error. Every third has a store
 * that loses answers, and some are killed in the middle and started again. Afterwards each number
 * is there once, and it is true what anybody was told.
 */
@Timeout(600) // a hang, not slowness
class OnceProcessesTest {
  @TempDir Path folder;

  private final List<Running> running = new ArrayList<>();
  private final List<Path> journals = new ArrayList<>();

  private record Running(Process process, Path said) {
    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    void requireNoFailure() throws IOException {
      if (!process.isAlive()) {
        assertThat(process.exitValue()).as(Files.readString(said)).isZero();
      }
    }
  }

  @AfterEach
  void endAll() throws InterruptedException {
    for (Running each : running) {
      each.kill();
    }
  }

  @Test
  void eachNumberComesOnce() throws Exception {
    play(3, 2, 2, 40, 4, 1);
  }

  @Tag("slow")
  @Test
  void eachNumberComesOnceHoweverLongItGoesOn() throws Exception {
    play(6, 3, 5, 300, 40, 2);
  }

  /** An answer, as a journal has it. */
  private record Told(long version, String snapshot, long rows, String outcome) {}

  private void play(int processes, int threads, int sources, int numbers, int kills, long seed)
      throws Exception {
    Path path = folder.resolve("t");
    // No version is cleaned away: the answers are held against them.
    DataShard.newTable(path, Tables.SCHEMA)
        .property("datashard.history.versions-min", "1000000")
        .create()
        .close();
    Random random = new Random(seed);
    int all = sources * numbers;
    for (int i = 0; i < processes; i++) {
      running.add(start(path, threads, sources, numbers));
    }
    for (int killed = 0; killed < kills; killed++) {
      // By what happened, not by the clock; while there is something left to add.
      awaitTold(all * (killed + 1) / (kills + 2));
      Thread.sleep(random.nextInt(30));
      int victim = random.nextInt(processes);
      running.get(victim).kill();
      running.set(victim, start(path, threads, sources, numbers));
    }
    for (Running each : running) {
      each.process().waitFor();
      each.requireNoFailure();
    }
    Storage storage = LocalStore.of(folder).at("t");
    check(storage, sources, numbers);
    Verification found = DataShard.verify(path.toString()).deep().run();
    assertThat(found.damages()).isEmpty();
  }

  private Running start(Path table, int threads, int sources, int numbers) throws IOException {
    int number = journals.size();
    Path journal = folder.resolve("journal" + number);
    journals.add(journal);
    Path said = folder.resolve("output" + number);
    Process process =
        RealProcess.start(
            said.toFile(),
            OnceProcess.class,
            table,
            journal,
            number,
            threads,
            sources,
            numbers,
            number % 3 == 2 ? 10 : 0);
    return new Running(process, said);
  }

  private List<String> lines() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path journal : journals) {
      if (Files.exists(journal)) {
        String text = Files.readString(journal);
        text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(lines::add);
      }
    }
    return lines;
  }

  /** Until of so many numbers somebody was told that they are there. */
  private void awaitTold(int wanted) throws Exception {
    while (told().size() < wanted) {
      for (Running each : running) {
        each.requireNoFailure();
      }
      Thread.sleep(5);
    }
  }

  private Map<Integer, List<Told>> told() throws IOException {
    Map<Integer, List<Told>> told = new TreeMap<>();
    for (String line : lines()) {
      String[] words = line.split(" ");
      if (words[0].equals("told")) {
        told.computeIfAbsent(Integer.valueOf(words[1]), id -> new ArrayList<>())
            .add(new Told(Long.parseLong(words[2]), words[3], Long.parseLong(words[4]), words[5]));
      }
    }
    return told;
  }

  private void check(Storage storage, int sources, int numbers) throws IOException {
    Map<Integer, Integer> expected = new HashMap<>();
    for (int source = 0; source < sources; source++) {
      int first = source * OnceProcess.NUMBERS_MAX;
      expected.putAll(Tables.once(first, first + numbers));
    }
    assertThat(Tables.countsById(storage)).isEqualTo(expected);
    Map<Integer, List<Told>> told = told();
    assertThat(told.keySet()).isEqualTo(expected.keySet());
    try (Table table = Tables.load(storage)) {
      told.forEach((id, answers) -> check(table, storage, id, answers));
    }
    assertThat(lines()).as("tries again").anyMatch(line -> line.endsWith(" THERE_ALREADY"));
    assertThat(lines()).as("tries that failed").anyMatch(line -> !line.startsWith("told "));
  }

  /** All that was said of one number is true. */
  private static void check(Table table, Storage storage, int id, List<Told> answers) {
    Told added = null;
    for (Told each : answers) {
      boolean isNow = each.outcome().equals("COMMITTED");
      assertThat(each.rows()).as("%d: %s", id, each).isEqualTo(isNow ? 1 : 0);
      assertThat(isNow && added != null).as("%d was added twice: %s", id, answers).isFalse();
      added = isNow ? each : added;
    }
    // Whoever added it may have been killed, or not have been answered himself.
    long forgotten = Long.MAX_VALUE; // the earliest version that somebody found it in
    for (Told each : Set.copyOf(answers)) {
      if (each.snapshot().equals("-")) {
        forgotten = Math.min(forgotten, each.version());
        continue;
      }
      Snapshot snapshot = table.snapshot(Long.parseLong(each.snapshot()));
      assertThat(snapshotOf(storage, each.version())).isEqualTo(snapshot);
      assertThat(countIn(table, snapshot, id)).as("%d: %s", id, each).isEqualTo(1);
      Long parent = snapshot.parentId();
      if (parent != null) {
        assertThat(countIn(table, table.snapshot(parent), id)).as("%d: %s", id, each).isZero();
      }
    }
    if (forgotten < Long.MAX_VALUE) {
      assertThat(countIn(table, snapshotOf(storage, forgotten), id))
          .as("%d in version %d", id, forgotten)
          .isEqualTo(1);
    }
  }

  private static long countIn(Table table, Snapshot snapshot, int id) {
    return table.scan().at(snapshot.snapshotId()).where("id = " + id).count();
  }

  /** The one that a version has made the current one. */
  private static Snapshot snapshotOf(Storage storage, long version) {
    String key = "metadata/v" + version + ".metadata.json";
    return TableMetadataJson.parse(storage.readWhole(key, -1), key).currentSnapshot().orElseThrow();
  }
}
