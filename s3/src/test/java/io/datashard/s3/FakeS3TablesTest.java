package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Table;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Tables on the fake, also while requests fail. */
class FakeS3TablesTest extends S3Tables {
  private static FakeS3 fake;

  @BeforeAll
  static void start() {
    fake = FakeS3.start();
  }

  @AfterAll
  static void stop() {
    fake.close();
  }

  @AfterEach
  void mend() {
    fake.noFaults();
  }

  @Override
  Map<String, String> variables() {
    return variables(
        fake.endpoint().toString(), FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY, "some/prefix");
  }

  /** One request of twelve goes wrong, in every way: nothing is lost, nothing is there twice. */
  @Test
  void troubleLosesAndDoublesNothing() throws Exception {
    long seed = System.nanoTime();
    tables.createTable(name, SCHEMA).close();
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
    fake.plan(
        request -> {
          synchronized (random) {
            return random.nextInt(12) == 0
                ? faults.get(random.nextInt(faults.size()))
                : new Fault.None();
          }
        });
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 3; thread++) {
        int first = thread * 100;
        // Stores of their own do not share a committer, as if they were on other machines.
        all.add(
            threads.submit(
                () -> {
                  try (Table table =
                      io.datashard.DataShard.on(S3Store.ofEnvironment(variables()))
                          .loadTable(name)) {
                    for (int i = 0; i < 15; i++) {
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
    fake.noFaults();
    Map<Integer, Integer> counts = countsById();
    for (int thread = 0; thread < 3; thread++) {
      assertOnce(counts, thread * 100, thread * 100 + 15);
    }
    assertThat(counts).as("seed " + seed).hasSize(45);
    assertWhole();
  }
}
