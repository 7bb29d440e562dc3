package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import io.datashard.table.ColumnSummary;
import io.datashard.table.Committed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An append of any length is one commit, and a scan of it streams, in a heap of 64 MB. */
class SmallHeapTest {
  record Event(long id, String status, double value, String payload) {}

  @TempDir Path folder;

  @Test
  void aMillionRows() throws Exception {
    runWith(1_000_000);
  }

  @Tag("slow")
  @Test
  void tenMillionRows() throws Exception {
    runWith(10_000_000);
  }

  private void runWith(int rows) throws Exception {
    Path output = folder.resolve("output");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                InSmallHeap.class.getName(),
                folder.resolve("t").toString(),
                String.valueOf(rows))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertThat(process.waitFor(10, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    try (Table table = DataShard.loadTable(folder.resolve("t"))) {
      assertThat(table.snapshots()).hasSize(1);
      assertThat(table.scan().count()).isEqualTo(rows);
    }
  }

  /** What runs in the small heap; any failure ends it with another code than 0. */
  static final class InSmallHeap {
    private InSmallHeap() {}

    public static void main(String[] args) {
      int rows = Integer.parseInt(args[1]);
      try (Table table = DataShard.createTable(Path.of(args[0]), Schema.of(Event.class))) {
        Stream<Event> events =
            IntStream.range(0, rows)
                .mapToObj(i -> new Event(i, "s" + i % 5, i * 0.37, "payload " + i * 7919L));
        Committed done = table.newAppend().records(Event.class, events).commit();
        require(done.rowsAdded() == rows, "rows added: " + done.rowsAdded());
        long next = 0;
        try (RowCursor cursor = table.scan().rows()) {
          while (cursor.next()) {
            require(cursor.getLong("id") == next++, "row out of order at " + next);
          }
        }
        require(next == rows, "rows scanned: " + next);
        try (Stream<Event> all = table.scan().parallel(2).stream(Event.class)) {
          require(all.count() == rows, "records streamed");
        }
        long inBatches = 0;
        try (Batches batches = table.scan().batches(1_000)) {
          for (Batch batch : batches) {
            require(batch.rows() == Math.min(1_000, rows - inBatches), "rows of a batch");
            inBatches += batch.rows();
          }
        }
        require(inBatches == rows, "rows in batches: " + inBatches);
        try (Stream<Map<String, Object>> maps = table.scan().stream()) {
          require(maps.mapToLong(map -> (Long) map.get("id")).sum() == sum(rows), "maps streamed");
        }
        List<ColumnSummary> summary = table.scan().where("value >= 0").summary();
        require(summary.get(0).max().equals(rows - 1L), "summary: " + summary);
        long some = table.scan().where("status = 's3'").count();
        require(some == rows / 5, "rows filtered: " + some);
      }
    }

    private static long sum(long rows) {
      return rows * (rows - 1) / 2;
    }

    private static void require(boolean right, String what) {
      if (!right) {
        throw new IllegalStateException(what);
      }
    }
  }
}
