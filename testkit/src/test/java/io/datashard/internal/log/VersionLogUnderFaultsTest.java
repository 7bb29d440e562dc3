package io.datashard.internal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.ProcessStopped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Many writers, each with a network that loses answers or a process that dies, under a seed: what
 * was called won is there once and stays, what was called lost is nowhere (I1, I3, I4).
 */
class VersionLogUnderFaultsTest {
  private static final int SEEDS = 100;
  private static final int WRITERS = 4;
  private static final int STEPS = 120;

  /** One process: what it was told about its tokens. */
  private static final class Writer {
    final FaultyStorage storage;
    final VersionLog log;
    final Map<String, Long> won = new HashMap<>();
    final List<String> lost = new ArrayList<>();

    Writer(FaultyStorage storage) {
      this.storage = storage;
      this.log = new VersionLog(storage, Env.system());
    }

    void step() {
      long number = log.newest().map(Version::number).orElse(0L) + 1;
      String token = log.newToken();
      byte[] content = ("{\"token\":\"" + token + "\"}").getBytes(UTF_8);
      try {
        if (log.create(number, content, token, List.of()) == Outcome.WON) {
          won.put(token, number);
          log.hint(number);
        } else {
          lost.add(token);
        }
      } catch (OutcomeUnknownException e) {
        return; // Either way is right.
      } catch (StorageException e) {
        lost.add(token);
      }
    }
  }

  @Test
  void noAnswerThatGotLostMakesAVersionDoubleOrVanish() {
    int won = 0;
    int lost = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      MemoryStorage disk = new MemoryStorage(seed);
      List<Writer> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(new Writer(FaultyStorage.lostAnswers(seed * 31 + i, 40, disk)));
      }
      Random turns = new Random(seed);
      for (int step = 0; step < STEPS; step++) {
        try {
          writers.get(turns.nextInt(WRITERS)).step();
        } catch (StorageException e) {
          continue; // It could not look; it tries again later.
        }
      }
      writers.forEach(writer -> writer.storage.deliverDelayed());
      check(disk, writers, "seed " + seed);
      disk.crash();
      check(disk, writers, "seed " + seed + " after a power cut");
      won += writers.stream().mapToInt(writer -> writer.won.size()).sum();
      lost += writers.stream().mapToInt(writer -> writer.lost.size()).sum();
    }
    assertThat(won).isGreaterThan(SEEDS * STEPS / 4);
    assertThat(lost).as("rivals met").isGreaterThan(SEEDS);
  }

  @Test
  void aProcessThatDiesAnywhereLeavesTheLogWhole() {
    for (boolean afterEffect : new boolean[] {false, true}) {
      boolean stopped = true;
      for (int k = 1; stopped; k++) {
        MemoryStorage disk = new MemoryStorage(k);
        FaultyStorage dying =
            afterEffect ? FaultyStorage.stopAfterEffect(k, disk) : FaultyStorage.stopAfter(k, disk);
        Writer writer = new Writer(dying);
        try {
          for (int i = 0; i < 3; i++) {
            writer.step();
          }
        } catch (ProcessStopped e) {
          disk.crash();
        }
        stopped = dying.stopped();
        check(disk, List.of(writer), "k = " + k + ", after its effect: " + afterEffect);
        Writer next = new Writer(FaultyStorage.counting(disk));
        next.step();
        assertThat(next.won).as("the next process goes on, k = " + k).hasSize(1);
      }
    }
  }

  private static void check(Storage disk, List<Writer> writers, String when) {
    Map<String, Long> there = new HashMap<>();
    long newest;
    try {
      newest = new VersionLog(disk, Env.system()).newest().map(Version::number).orElse(0L);
    } catch (DataShardException e) {
      throw new AssertionError(when, e);
    }
    for (long number = 1; number <= newest; number++) {
      byte[] content = disk.read("metadata/v" + number + ".metadata.json", 100).orElseThrow();
      String token = new String(content, UTF_8).substring(10, 42);
      if (there.put(token, number) != null) {
        throw new AssertionError(when + ": token " + token + " is there twice");
      }
    }
    for (Writer writer : writers) {
      writer.won.forEach(
          (token, number) -> {
            if (!number.equals(there.get(token))) {
              throw new AssertionError(
                  when + ": won " + number + " with " + token + ", found " + there.get(token));
            }
          });
      for (String token : writer.lost) {
        if (there.containsKey(token)) {
          throw new AssertionError(when + ": lost with " + token + ", found " + there.get(token));
        }
      }
    }
  }
}
