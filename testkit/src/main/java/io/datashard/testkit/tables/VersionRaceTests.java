package io.datashard.testkit.tables;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.env.Env;
import io.datashard.internal.log.Outcome;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A version number is won by exactly one commit, whoever races for it (I1). */
@Timeout(180)
abstract class VersionRaceTests extends TableTests {
  @Test
  void ofManyThreadsExactlyOneWinsEachVersion() throws Exception {
    int threads = 8;
    int rounds = rounds(140);
    VersionLog shared = new VersionLog(disk, Env.system());
    CyclicBarrier start = new CyclicBarrier(threads);
    Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<List<Outcome>>> work = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        // Half of them share one log, as threads with one table do.
        VersionLog log = i % 2 == 0 ? shared : new VersionLog(disk, Env.system());
        work.add(() -> race(log, rounds, start, failures));
      }
      List<List<Outcome>> all = new ArrayList<>();
      List<Future<List<Outcome>>> ended = pool.invokeAll(work);
      if (!failures.isEmpty()) {
        throw new AssertionError("a thread failed", failures.peek()); // the others waited for it
      }
      for (Future<List<Outcome>> each : ended) {
        all.add(each.get());
      }
      for (int round = 0; round < rounds; round++) {
        int number = round;
        assertThat(all.stream().filter(each -> each.get(number) == Outcome.WON))
            .as("winners of version " + (round + 1))
            .hasSize(1);
      }
      assertThat(disk.read("metadata/version-hint.text", 10))
          .hasValue(String.valueOf(rounds).getBytes(UTF_8));
    } finally {
      pool.shutdownNow();
    }
  }

  private static List<Outcome> race(
      VersionLog log, int rounds, CyclicBarrier start, Queue<Throwable> failures) throws Exception {
    List<Outcome> outcomes = new ArrayList<>();
    try {
      for (int round = 1; round <= rounds; round++) {
        long newest = log.newest().map(Version::number).orElse(0L);
        assertThat(newest).isEqualTo(round - 1);
        String token = log.newToken();
        start.await(60, TimeUnit.SECONDS);
        Outcome outcome = log.create(round, token.getBytes(UTF_8), token, List.of());
        outcomes.add(outcome);
        if (outcome == Outcome.WON) {
          log.hint(round);
        }
        start.await(60, TimeUnit.SECONDS);
      }
    } catch (RuntimeException | AssertionError e) {
      failures.add(e);
      start.reset();
      throw e;
    }
    return outcomes;
  }
}
