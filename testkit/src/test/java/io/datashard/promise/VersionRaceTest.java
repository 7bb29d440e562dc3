package io.datashard.promise;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.env.Env;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A version number is won by exactly one commit, whoever races for it (I1). */
@Timeout(180)
class VersionRaceTest {
  @TempDir private Path folder;

  /**
   * Two processes meet at a barrier before each round, a thousand times; in a file system in memory
   * where there is one, because without waiting for a disk they come closer to each other.
   */
  @Test
  void ofTwoProcessesExactlyOneWinsEachVersion() throws Exception {
    Path memory = Path.of("/dev/shm");
    if (!Files.isWritable(memory)) {
      raceProcesses(folder, 1_000);
      return;
    }
    Path inMemory = Files.createTempDirectory(memory, "datashard-race");
    try {
      raceProcesses(inMemory, 1_000);
    } finally {
      try (Stream<Path> all = Files.walk(inMemory)) {
        all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
      }
    }
  }

  @Test
  void ofTwoProcessesOnADiskExactlyOneWinsEachVersion() throws Exception {
    raceProcesses(folder, 100);
  }

  private static void raceProcesses(Path folder, int rounds) throws Exception {
    Path table = folder.resolve("t");
    Path barrier = Files.write(folder.resolve("barrier"), new byte[VersionRacer.BARRIER_BYTES]);
    List<Process> racers = new ArrayList<>();
    List<Path> answers = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Path answer = folder.resolve("racer" + i);
      answers.add(answer);
      racers.add(RealProcess.start(answer.toFile(), VersionRacer.class, table, barrier, i, rounds));
    }
    for (int i = 0; i < 2; i++) {
      assertThat(racers.get(i).waitFor(150, TimeUnit.SECONDS)).as("racer " + i + " ended").isTrue();
      assertThat(racers.get(i).exitValue()).as(Files.readString(answers.get(i))).isZero();
    }

    Storage storage = LocalStore.inWorkingDirectory().at(table);
    int[] wins = new int[2];
    for (int round = 0; round < rounds; round++) {
      String content =
          new String(
              storage.read("metadata/v" + (round + 1) + ".metadata.json", 1000).orElseThrow(),
              UTF_8);
      List<Integer> winners = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        String answer = Files.readAllLines(answers.get(i)).get(round);
        if (answer.startsWith("WON ")) {
          winners.add(i);
          assertThat(content).contains(answer.substring(4));
        } else {
          assertThat(answer).isEqualTo("LOST");
        }
      }
      assertThat(winners).as("winners of version " + (round + 1)).hasSize(1);
      wins[winners.get(0)]++;
    }
    assertThat(wins[0]).as("wins of racer 0: both must have run for it").isBetween(1, rounds - 1);
    assertThat(storage.names("metadata", ""))
        .as("no temporary file is left")
        .hasSize(rounds + 1)
        .contains("version-hint.text");
    assertThat(storage.read("metadata/version-hint.text", 10))
        .as("the last hint names the newest version")
        .hasValue(String.valueOf(rounds).getBytes(UTF_8));
  }

  /** Without any barrier: everybody commits as fast as it can, and the last hint is the head. */
  @Test
  void theHintNamesTheNewestVersionWhenAllHaveCommitted() throws Exception {
    for (int repeat = 0; repeat < 10; repeat++) {
      Storage storage = new SlowHints(new MemoryStorage(repeat));
      int threads = 6;
      ExecutorService pool = Executors.newFixedThreadPool(threads);
      try {
        List<Callable<Integer>> work = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          VersionLog log = new VersionLog(storage, Env.system());
          work.add(
              () -> {
                int wins = 0;
                while (wins < 30) {
                  long next = log.newest().map(Version::number).orElse(0L) + 1;
                  String token = log.newToken();
                  if (log.create(next, token.getBytes(UTF_8), token, List.of()) == Outcome.WON) {
                    log.hint(next);
                    wins++;
                  }
                }
                return wins;
              });
        }
        int versions = 0;
        for (Future<Integer> each : pool.invokeAll(work)) {
          versions += each.get();
        }
        assertThat(storage.listAll("metadata")).hasSize(versions + 1);
        assertThat(storage.read("metadata/version-hint.text", 10))
            .hasValue(String.valueOf(versions).getBytes(UTF_8));
      } finally {
        pool.shutdownNow();
      }
    }
  }

  /** Some writes of the hint arrive late, after those of versions that are newer. */
  private static final class SlowHints extends ForwardingStorage {
    private final AtomicInteger calls = new AtomicInteger();

    SlowHints(Storage storage) {
      super(storage);
    }

    @Override
    public void replace(String key, ByteBuffer content) {
      if (calls.incrementAndGet() % 7 == 0) {
        LockSupport.parkNanos(2_000_000);
      }
      super.replace(key, content);
    }
  }
}
