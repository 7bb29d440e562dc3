package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import io.datashard.testkit.tables.Tables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Tables while requests fail (I3, I4). */
@Timeout(180)
class TroubledBucketTest {
  /** One request of twelve goes wrong, in every way: nothing is lost, nothing is there twice. */
  @Test
  void troubleLosesAndDoublesNothing() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Fault> faults =
        List.of(
            new Fault.Refuse(500, "InternalError"),
            new Fault.Refuse(503, "SlowDown"),
            new Fault.Refuse(409, "ConditionalRequestConflict"),
            new Fault.DoAndSay(500, "InternalError"),
            new Fault.LoseAnswer(),
            new Fault.LoseRequest(),
            new Fault.Late(150),
            new Fault.CutBody(20),
            new Fault.Delay(30));
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try (FakeS3 fake = FakeS3.start()) {
      DataShard.on(Stores.of(fake)).createTable("t", Tables.SCHEMA).close();
      fake.plan(
          request -> {
            synchronized (random) {
              return random.nextInt(12) == 0
                  ? faults.get(random.nextInt(faults.size()))
                  : new Fault.None();
            }
          });
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        int first = thread * 100;
        // Stores of their own do not share a committer, as if they were on other machines.
        all.add(
            threads.submit(
                () -> {
                  try (Table table = DataShard.on(Stores.of(fake)).loadTable("t")) {
                    for (int i = first; i < first + 15; i++) {
                      table.append(Tables.rows(i, i + 1));
                    }
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
      fake.noFaults();
      Map<Integer, Integer> expected = new HashMap<>();
      for (int first = 0; first < 300; first += 100) {
        expected.putAll(Tables.once(first, first + 15));
      }
      assertThat(Tables.countsById(Stores.of(fake).at("t"))).as("seed " + seed).isEqualTo(expected);
      assertThat(DataShard.on(Stores.of(fake)).verify("t").deep().run().isWhole()).isTrue();
    } finally {
      threads.shutdownNow();
    }
  }
}
