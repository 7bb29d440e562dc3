package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Following;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.ColumnSummary;
import io.datashard.table.Committed;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The README's quick start does what it says, and is the code below to the letter. */
class QuickStartTest {
  record Task(String task_id, String status, long duration_ms, @Nullable String error) {}

  @Test
  void quickStartRuns(@TempDir Path folder) {
    // README starts
    // 1. The columns.
    Schema schema =
        Schema.builder()
            .required("task_id", Type.STRING)
            .required("status", Type.STRING)
            .required("duration_ms", Type.LONG)
            .optional("error", Type.STRING)
            .build();

    // 2. Create the table, or open it if it is there with the same columns.
    try (Table logs = DataShard.createTable(folder + "/task_logs", schema)) {

      // 3. Append: one call, one atomic commit, from any number of processes at once.
      Committed first =
          logs.append(List.of(Map.of("task_id", "t1", "status", "ok", "duration_ms", 150L)));
      logs.append(Task.class, List.of(new Task("t2", "failed", 90, "disk full")));

      // 4. Query.
      Scan failed = logs.scan().where("status = 'failed' AND duration_ms > 50");
      for (Map<String, Object> row : failed.select("task_id", "error").toMaps()) {
        System.out.println(row); // {task_id=t2, error=disk full}
      }
      long rows = logs.scan().count(); // 2, from metadata alone

      // 5. Travel: the table as it was after the first append.
      long before = logs.scan().at(first.snapshotId()).count(); // 1
      // README ends
      assertThat(failed.select("task_id", "error").toMaps().toString())
          .isEqualTo("[{task_id=t2, error=disk full}]");
      assertThat(rows).isEqualTo(2);
      assertThat(before).isEqualTo(1);
    }
  }

  @Test
  void appendingOnceRuns(@TempDir Path folder) throws Exception {
    Schema schema = Schema.builder().required("task_id", Type.STRING).build();
    List<Map<String, Object>> rows = List.of(Map.of("task_id", "t1"));
    try (Table logs = DataShard.createTable(folder + "/task_logs", schema)) {
      for (int i = 0; i < 2; i++) {
        // ONCE starts
        Committed done = logs.newAppend().rows(rows).once("job-7", 42).commit();
        if (done.wasThere()) {
          System.out.println("added before, with version " + done.version());
        }
        // ONCE ends
        assertThat(done.version()).isEqualTo(2);
      }
      assertThat(logs.scan().count()).isEqualTo(1);
    }
    requireShown("// ONCE starts\n", "// ONCE ends", 8, "\n```");
  }

  @Test
  void partitionsAndOrderRun(@TempDir Path folder) throws Exception {
    Schema schema =
        Schema.builder().required("ts", Type.TIMESTAMPTZ).required("user_id", Type.LONG).build();
    // PARTITIONS starts
    Table events =
        DataShard.newTable(folder + "/events", schema)
            .partitionedBy("day(ts)", "bucket(16, user_id)")
            .sortedBy("ts desc")
            .create();
    // PARTITIONS ends
    events.append(List.of(Map.of("ts", Instant.parse("2024-02-29T12:00:00Z"), "user_id", 7L)));
    assertThat(events.scan().where("ts >= '2024-02-29T00:00:00Z' and user_id = 7").count())
        .isEqualTo(1);
    events.close();
    requireShown("// PARTITIONS starts\n", "// PARTITIONS ends", 4, "\n```");
  }

  @Test
  void followingRuns(@TempDir Path folder) throws Exception {
    Schema schema = Schema.builder().required("status", Type.STRING).build();
    String position = "";
    try (Table logs = DataShard.createTable(folder + "/task_logs", schema)) {
      for (int i = 0; i < 2; i++) {
        logs.append(List.of(Map.of("status", "failed"), Map.of("status", "ok")));
        // FOLLOW starts
        Following following = logs.scan().where("status = 'failed'").follow(position);
        Optional<Following.Piece> piece = following.poll(Duration.ofSeconds(10));
        if (piece.isPresent()) {
          List<Map<String, Object>> rows = piece.get().rows().toMaps();
          position = piece.get().position();
          // FOLLOW ends
          assertThat(rows).hasSize(1);
        }
        assertThat(following.poll()).isEmpty();
      }
    }
    requireShown("// FOLLOW starts\n", "// FOLLOW ends", 8, "\n}\n```");
  }

  @Test
  void summariesRun(@TempDir Path folder) throws Exception {
    Schema schema =
        Schema.builder().required("status", Type.STRING).required("duration_ms", Type.LONG).build();
    try (Table logs = DataShard.createTable(folder + "/task_logs", schema)) {
      logs.append(
          List.of(
              Map.of("status", "failed", "duration_ms", 90L),
              Map.of("status", "ok", "duration_ms", 150L)));
      // SUMMARY starts
      for (ColumnSummary column : logs.scan().select("duration_ms", "status").summary()) {
        System.out.println(column.column() + ": " + column.min() + " .. " + column.max());
      }
      // SUMMARY ends
      assertThat(logs.scan().summary())
          .extracting(ColumnSummary::min)
          .containsExactly("failed", 90L);
    }
    requireShown("// SUMMARY starts\n", "// SUMMARY ends", 6, "\n```");
  }

  @Test
  void readmeShowsThisCode() throws Exception {
    requireShown("// README starts\n", "// README ends", 4, "\n}\n```");
  }

  /** The README has the code between these comments, less indented, and then this. */
  private static void requireShown(String start, String end, int indent, String then)
      throws Exception {
    Path root = Path.of("").toAbsolutePath().getParent();
    String source =
        Files.readString(
            root.resolve("testkit/src/test/java/io/datashard/promise/QuickStartTest.java"));
    String code =
        source
            .substring(source.indexOf(start), source.indexOf(end))
            .lines()
            .skip(1)
            .map(
                line -> line.startsWith(" ".repeat(indent)) ? line.substring(indent) : line.strip())
            .reduce("", (all, line) -> all + line + "\n")
            .stripTrailing();
    assertThat(Files.readString(root.resolve("README.md"))).contains(code + then);
  }
}
