package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.error.DataShardException;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads read what one reads, and leave nothing behind, whenever they end and however. */
@Timeout(300)
class ParallelScanTest {
  private static final String[] FILTERS = {
    "id >= 0",
    "id < 100",
    "word = 'ok'",
    "d > 1.0",
    "f is nan",
    "text starts with 't1'",
    "id < 0",
    "i < 25 and not (bool = true)",
    "u is null or tz > '2000-01-01T00:00:00Z'",
  };

  private final AtomicInteger open = new AtomicInteger();
  private final ExecutorService pool = Executors.newFixedThreadPool(3);

  @AfterEach
  void nobodyIsLeft() throws InterruptedException {
    assertThat(open).as("open data files").hasValue(0);
    pool.shutdown();
    assertThat(pool.awaitTermination(60, TimeUnit.SECONDS)).as("no helper stays").isTrue();
  }

  /** Counts the data files that are open. */
  private final class Watched extends ForwardingStorage {
    Watched(Storage storage) {
      super(storage);
    }

    @Override
    public ReadableFile open(String key, long length) {
      ReadableFile file = super.open(key, length);
      open.incrementAndGet();
      return new ReadableFile() {
        private boolean closed;

        @Override
        public String key() {
          return file.key();
        }

        @Override
        public long length() {
          return file.length();
        }

        @Override
        public boolean isRemote() {
          return file.isRemote();
        }

        @Override
        public void read(long position, byte[] into, int start, int length) {
          file.read(position, into, start, length);
        }

        @Override
        public synchronized void close() {
          if (!closed) {
            closed = true;
            open.decrementAndGet();
          }
          file.close();
        }
      };
    }
  }

  private static void fill(Storage disk, AnyValues values, int commits, int rowsMax) {
    try (Table table =
        DataShard.on(location -> disk)
            .newTable("t", AnyValues.SCHEMA)
            .property("write.parquet.row-group-size-bytes", "65536")
            .create()) {
      for (int i = 0; i < commits; i++) {
        values.turn();
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (int k = values.random().nextInt(rowsMax); k >= 0; k--) {
          rows.add(values.row());
        }
        table.append(rows);
      }
    }
  }

  private Table load(Storage disk) {
    return DataShard.on(location -> new Watched(disk)).loadTable("t");
  }

  private static List<String> shown(Stream<Map<String, @Nullable Object>> rows) {
    return rows.map(ParallelScanTest::shown).toList();
  }

  private static String shown(Map<String, @Nullable Object> row) {
    StringBuilder text = new StringBuilder();
    row.forEach(
        (name, value) ->
            text.append(name)
                .append('=')
                .append(value instanceof byte[] bytes ? Arrays.toString(bytes) : value)
                .append(' '));
    return text.toString();
  }

  @Test
  void manyThreadsReadWhatOneReads() {
    for (long seed = 0; seed < 6; seed++) {
      AnyValues values = new AnyValues(seed);
      Random random = values.random();
      MemoryStorage disk = new MemoryStorage();
      fill(disk, values, 1 + random.nextInt(9), random.nextBoolean() ? 2_000 : 60);
      try (Table table = load(disk)) {
        for (int i = 0; i < 10; i++) {
          Scan scan = table.scan();
          if (i > 0) {
            scan = scan.where(FILTERS[random.nextInt(FILTERS.length)]);
          }
          if (random.nextInt(3) == 0) {
            scan = scan.select("text", "d", "id");
          }
          if (random.nextInt(3) == 0) {
            scan = scan.limit(random.nextInt(1_500));
          }
          String about = "seed " + seed + ", scan " + i;
          List<String> expected = shown(scan.parallel(1).toMaps().stream());
          Executor[] executors = {pool, Runnable::run, task -> {}};
          Executor executor = executors[random.nextInt(executors.length)];
          for (Scan same :
              List.of(
                  scan,
                  scan.parallel(2 + random.nextInt(7)),
                  scan.parallel(2 + random.nextInt(4), executor))) {
            assertThat(shown(same.toMaps().stream())).as(about).isEqualTo(expected);
            assertThat(same.count()).as(about).isEqualTo(expected.size());
            try (Stream<Map<String, @Nullable Object>> rows = same.stream()) {
              assertThat(shown(rows)).as(about).isEqualTo(expected);
            }
            try (RowCursor rows = same.select("id").rows()) {
              int count = 0;
              while (rows.next()) {
                count++;
              }
              assertThat(count).as(about).isEqualTo(expected.size());
            }
          }
        }
      }
    }
  }

  @Test
  void aFailureAtAnyCallIsAnErrorAndLeavesNothingOpen() {
    MemoryStorage disk = new MemoryStorage();
    AnyValues values = new AnyValues(5);
    fill(disk, values, 6, 900);
    List<Long> expected;
    try (Table table = load(disk)) {
      expected = ids(table.scan());
    }
    int failed = 0;
    for (boolean filtered : new boolean[] {false, true}) {
      for (int k = 1; ; k++) {
        FaultyStorage faulty = FaultyStorage.once(k, FaultyStorage.Fault.FAIL, disk);
        int calls;
        List<Long> found = null;
        try (Table table = load(faulty)) {
          calls = faulty.calls();
          Scan scan = table.scan().parallel(4, k % 2 == 0 ? pool : Runnable::run);
          found = ids(filtered ? scan.where("id >= 0 or text = 'x'") : scan);
          if (k > calls) {
            assertThat(filtered ? scan.where("d < 5").summary() : scan.summary()).isNotEmpty();
          }
        } catch (DataShardException e) {
          failed++;
        }
        assertThat(open).as("open after call %d failed", k).hasValue(0);
        if (found != null) {
          assertThat(found).as("call %d", k).isEqualTo(expected);
        }
        if (faulty.calls() < k) {
          break;
        }
      }
    }
    assertThat(failed).isGreaterThan(20);
  }

  private static List<Long> ids(Scan scan) {
    List<Long> ids = new ArrayList<>();
    try (RowCursor rows = scan.rows()) {
      while (rows.next()) {
        ids.add(rows.getLong("id"));
      }
    }
    return ids;
  }

  @Test
  void rowsBeforeADamagedFileComeFirst() {
    MemoryStorage disk = new MemoryStorage();
    fill(disk, new AnyValues(9), 8, 300);
    List<String> keys;
    List<Long> all;
    try (Table table = load(disk)) {
      keys =
          table
              .dataFiles(table.currentSnapshot().orElseThrow())
              .map(file -> file.location().substring(disk.location().length() + 1))
              .toList();
      all = ids(table.scan());
      disk.delete(keys.get(4));
      List<Long> ids = new ArrayList<>();
      try (RowCursor rows = table.scan().parallel(4, pool).rows()) {
        assertThatThrownBy(
                () -> {
                  while (rows.next()) {
                    ids.add(rows.getLong("id"));
                  }
                })
            .isInstanceOf(DataShardException.class)
            .hasMessageContaining(keys.get(4));
        assertThat(open).as("closed without being told").hasValue(0);
      }
      assertThat(ids).isNotEmpty().isEqualTo(all.subList(0, ids.size()));
      assertThat(ids(table.scan().parallel(4).limit(ids.size()))).isEqualTo(ids);
    }
  }

  @Test
  void closingAtAnyBatchLeavesNothingOpen() {
    MemoryStorage disk = new MemoryStorage();
    fill(disk, new AnyValues(3), 5, 900);
    try (Table table = load(disk)) {
      for (int threads : new int[] {1, 2, 4}) {
        int batches = Integer.MAX_VALUE;
        for (int stop = 0; stop < batches; stop++) {
          int seen = 0;
          try (Batches all = table.scan().parallel(threads, pool).batches(100)) {
            Iterator<Batch> each = all.iterator();
            while (seen < stop && each.hasNext()) {
              each.next();
              seen++;
            }
          }
          assertThat(open).as("%d threads, closed after %d", threads, stop).hasValue(0);
          batches = seen < stop ? seen : batches;
        }
      }
    }
  }

  @Test
  void aStreamThatIsReadToItsEndLeavesNothingOpen() {
    MemoryStorage disk = new MemoryStorage();
    fill(disk, new AnyValues(4), 4, 1_000);
    try (Table table = load(disk)) {
      for (Scan scan : List.of(table.scan().parallel(1), table.scan().parallel(3, pool))) {
        assertThat(scan.stream().count()).isPositive();
        assertThat(open).as("never closed").hasValue(0);
      }
    }
  }

  @Test
  void anInterruptEndsAScanWhereItWaits() {
    MemoryStorage disk = new MemoryStorage();
    fill(disk, new AnyValues(6), 5, 800);
    try (Table table = load(disk)) {
      List<Long> expected = ids(table.scan());
      for (int i = 0; i < 20; i++) {
        Thread.currentThread().interrupt();
        try {
          assertThat(ids(table.scan().parallel(3, pool))).isEqualTo(expected);
        } catch (DataShardException e) {
          assertThat(e).hasMessageContaining("interrupted");
        }
        assertThat(Thread.interrupted()).as("the mark stays").isTrue();
        assertThat(open).hasValue(0);
      }
    }
  }
}
