package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.SimulatedDoor;
import io.datashard.Table;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.simulation.SimulatedBucket;
import io.datashard.testkit.simulation.SimulatedMachine;
import io.datashard.testkit.simulation.SimulatedProcess;
import io.datashard.testkit.simulation.SimulatedStore;
import io.datashard.testkit.simulation.Simulation;
import io.datashard.testkit.simulation.Workers;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Slow: computing takes no simulated time and much of ours. Machines that append to one table of a
 * bucket all the time, each as fast as it can: none starves, and what is lost of the store's time
 * is bounded. Played in simulated time over the real module; a request takes 8 ms there, and
 * computing nothing. Time is counted in such requests.
 */
@Tag("slow")
class ManyMachinesTest {
  private static final Schema SCHEMA = Schema.builder().required("id", Type.INT).build();
  private static final long REQUEST_NANOS = 8_000_000;
  private static final long START_NANOS = 1_000_000_000;

  private final List<List<Long>> waits = new ArrayList<>();
  private final Set<Integer> acknowledged = new HashSet<>();
  private int versions;

  @Test
  void nobodyStarves() {
    int machines = 8;
    play(1, machines, 1_000, 0, 0);
    long rows = acknowledged.size();
    long fewest = waits.stream().mapToLong(List::size).min().orElseThrow();
    long slowest = waits.stream().map(Collections::max).max(Long::compare).orElseThrow();
    String told = rows + " rows of " + machines + ", waits " + waits;
    assertThat(fewest).as("rows of the last one of %s", told).isGreaterThan(rows / machines / 2);
    assertThat(slowest).as("requests that the slowest waited, of %s", told).isLessThan(350);
    assertThat(versions).as("versions in 1,000 requests' time").isGreaterThan(200);
  }

  @Test
  void whoAppendsAllTheTimeHardlyWaitsForWhoRarelyDoes() {
    play(4, 1, 1_000, 0, 0);
    int alone = acknowledged.size();
    waits.clear();
    play(4, 2, 1_000, 60 * REQUEST_NANOS, 0);
    assertThat(waits.get(0)).as("alone it made %d", alone).hasSizeGreaterThan(alone / 2);
  }

  @Test
  void whoIsFiveTimesSlowerHasItsTurnsToo() {
    play(5, 2, 2_000, 0, 8 * REQUEST_NANOS);
    String told = "rows and waits of both: " + waits;
    assertThat(waits.get(1)).as(told).hasSizeGreaterThan(40);
    assertThat(Collections.max(waits.get(1))).as(told).isLessThan(200);
    assertThat(waits.get(0)).as(told).hasSizeGreaterThan(40);
  }

  /**
   * @param sleepNanos what all machines but the first sleep between two appends
   * @param createNanos what they take longer to create a version
   */
  private void play(long seed, int machines, long requests, long sleepNanos, long createNanos) {
    try (Workers workers = new Workers()) {
      Simulation simulation = new Simulation(seed, workers, null);
      SimulatedStore store = new SimulatedStore(simulation, ManyMachinesTest::open);
      versions = 0;
      store.afterCreate(creator -> versions++);
      long end = START_NANOS + requests * REQUEST_NANOS;
      for (int i = 0; i < machines; i++) {
        SimulatedMachine machine = simulation.machine("m" + i);
        SimulatedProcess process = machine.process("p");
        Storage storage = slowed(store.seenBy(process), process, i == 0 ? 0 : createNanos);
        int first = i * 1_000_000;
        long sleep = i == 0 ? 0 : sleepNanos;
        process.startUser("main", () -> append(process, storage, first, end, sleep));
      }
      simulation.run();
    }
  }

  private static Storage slowed(Storage storage, SimulatedProcess process, long nanos) {
    return nanos == 0
        ? storage
        : new ForwardingStorage(storage) {
          @Override
          public PutOutcome createExclusive(String key, ByteBuffer content, List<NewFile> named) {
            try {
              process.sleep(Duration.ofNanos(nanos));
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
            return super.createExclusive(key, content, named);
          }
        };
  }

  private static Storage open(SimulatedBucket bucket, SimulatedProcess process) {
    S3Config config =
        S3Config.builder()
            .endpoint(URI.create("https://store.invalid"))
            .region("us-east-1")
            .keys(FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY)
            .build();
    SimulatedTransport transport =
        new SimulatedTransport(bucket, process, config.silenceTimeout(), null);
    return S3Store.of(config, new SimulatedS3Env(process, transport)).at(SimulatedBucket.LOCATION);
  }

  private void append(
      SimulatedProcess process, Storage storage, int first, long end, long sleepNanos) {
    List<Long> its = new ArrayList<>();
    waits.add(its);
    try (Table table =
        SimulatedDoor.tables(storage, process)
            .newTable("t", SCHEMA)
            .property(TableProperties.PARQUET_CODEC, "uncompressed")
            .create()) {
      for (int id = first; process.nanoTime() < end; id++) {
        long begin = process.nanoTime();
        table.append(List.of(Map.of("id", id)));
        acknowledged.add(id);
        its.add((process.nanoTime() - begin) / REQUEST_NANOS);
        process.sleep(Duration.ofNanos(sleepNanos));
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
