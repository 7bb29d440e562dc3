package io.datashard.cli.demo;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.FailedException;
import io.datashard.cli.JavaProcess;
import io.datashard.cli.Options;
import io.datashard.cli.Output;
import io.datashard.cli.rows.RowPrinter;
import io.datashard.cli.rows.TextTable;
import io.datashard.data.Batch;
import io.datashard.table.DataFile;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code datashard demo}: what a newcomer should see, in under a minute. */
public final class DemoCommand extends Command {
  private static final List<String> WORKERS = List.of("w1", "w2", "w3", "w4");
  private static final int TASKS_EACH = 25;
  private static final int ROWS_SHOWN = 5;

  @Override
  protected void declare(Options options) {
    options.about(
        "A workflow engine in miniature: worker processes log tasks into one table; then failed"
            + " tasks are found, the average duration is computed, the state before the failures"
            + " is read back, and the files are listed. Ends with commands to try.");
    options.optionalParameter(
        "LOCATION", "Where the table is made. Default: a temporary folder, which is kept.");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    String asked = args.parameterOrNull(0);
    String location =
        asked == null
            ? Files.createTempDirectory("datashard-demo-").resolve("task_logs").toString()
            : asked;
    try (Table table = DataShard.newTable(location, DemoTable.SCHEMA).mustBeNew().create()) {
      new Story(table, location, console.out()).tell();
    }
    return OK;
  }

  /** The demo, step by step. */
  private static final class Story {
    private final Table table;
    private final String location;
    private final Output out;
    private int step;

    Story(Table table, String location, Output out) {
      this.table = table;
      this.location = location;
      this.out = out;
    }

    void tell() throws IOException {
      out.line("DataShard demo: a workflow engine in miniature");
      out.line("The table is a folder: " + table.location());
      workAtOnce();
      Instant before = table.currentSnapshot().map(Snapshot::timestamp).orElse(Instant.EPOCH);
      say("  So far all went well. The time is " + before + ".");
      // As of a time means the last state of that millisecond: the next one begins after it.
      awaitNextMillisecond(before);
      outage();
      failures();
      averages();
      timeTravel(before);
      files();
      tryNext(before);
    }

    private void title(String text) {
      out.line("");
      say(++step + ". " + text);
    }

    private void say(String text) {
      out.line(text);
      out.flush(); // what follows may take a second
    }

    private void workAtOnce() throws IOException {
      title(WORKERS.size() + " workers, each a process of its own, log their tasks at once");
      double seconds = work("fine");
      say(
          String.format(
              Locale.ROOT,
              "  %d appends, %.1f s with the start of the processes. Those of one moment share a"
                  + " commit: %d commits. Counted: %d rows.",
              WORKERS.size() * TASKS_EACH,
              seconds,
              table.version() - 1,
              table.scan().count()));
    }

    private void outage() throws IOException {
      title("A database goes down, and the workers go on");
      work(DemoWorkerCommand.OUTAGE);
      say(String.format(Locale.ROOT, "  Counted: %d rows.", table.scan().count()));
    }

    private double work(String weather) throws IOException {
      long start = System.nanoTime();
      List<Process> workers = new ArrayList<>();
      try {
        for (String worker : WORKERS) {
          List<String> words =
              List.of(
                  DemoWorkerCommand.NAME, location, worker, Integer.toString(TASKS_EACH), weather);
          workers.add(JavaProcess.of(words).redirectErrorStream(true).start());
        }
        for (Process worker : workers) {
          String told =
              new String(worker.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
          if (worker.waitFor() != 0) {
            throw new FailedException("A worker failed: " + told);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new FailedException("The demo was interrupted.", e);
      } finally {
        workers.forEach(Process::destroy);
      }
      return (System.nanoTime() - start) / 1e9;
    }

    private static void awaitNextMillisecond(Instant before) {
      while (System.currentTimeMillis() <= before.toEpochMilli()) {
        Thread.onSpinWait();
      }
    }

    private void failures() {
      title("Which tasks failed?   where status = 'failed'");
      Scan failed = table.scan().where("status = 'failed'");
      try (Batches batches =
          failed
              .select("task_id", "workflow", "duration_ms", "ended_at", "error")
              .limit(ROWS_SHOWN)
              .batches(ROWS_SHOWN)) {
        RowPrinter printer = RowPrinter.of(RowPrinter.Format.TABLE, batches.schema(), out);
        for (Batch batch : batches) {
          printer.print(batch);
        }
        printer.end();
      }
      say("  ... of " + failed.count() + " in all.");
    }

    /** Count and sum of one status. */
    private static final class Sum {
      private long count;
      private long total;
    }

    private void averages() {
      title("How long did tasks take on average?");
      Map<String, Sum> sums = new TreeMap<>();
      try (RowCursor rows = table.scan().select("status", "duration_ms").rows()) {
        while (rows.next()) {
          @Nullable String status = rows.getString("status");
          Sum sum = sums.computeIfAbsent(String.valueOf(status), key -> new Sum());
          sum.count++;
          sum.total += rows.getLong("duration_ms");
        }
      }
      List<List<String>> lines = new ArrayList<>();
      sums.forEach(
          (status, sum) ->
              lines.add(
                  List.of(
                      status,
                      Long.toString(sum.count),
                      String.format(Locale.ROOT, "%.1f", (double) sum.total / sum.count))));
      new TextTable(
              List.of("status", "tasks", "average ms"), new boolean[] {false, true, true}, out)
          .print(lines);
    }

    private void timeTravel(Instant before) {
      title("How was it before the failures began?   as of " + before);
      Scan then = table.scan().asOf(before);
      say(
          String.format(
              Locale.ROOT,
              "  %d tasks, %d of them failed. Now: %d tasks, %d failed.",
              then.count(),
              then.where("status = 'failed'").count(),
              table.scan().count(),
              table.scan().where("status = 'failed'").count()));
    }

    private void files() {
      title("What lies on the disk");
      Snapshot newest = table.currentSnapshot().orElseThrow();
      long[] sums = new long[3];
      List<String> first = new ArrayList<>();
      try (Stream<DataFile> files = table.dataFiles(newest)) {
        files.forEach(
            file -> {
              sums[0]++;
              sums[1] += file.recordCount();
              sums[2] += file.fileSizeBytes();
              if (first.size() < 3) {
                first.add(
                    String.format(
                        Locale.ROOT,
                        "  %s  %d row, %,d bytes",
                        file.location().substring(table.location().length() + 1),
                        file.recordCount(),
                        file.fileSizeBytes()));
              }
            });
      }
      first.forEach(out::line);
      say(
          String.format(
              Locale.ROOT,
              "  ... %,d Parquet files, %,d rows, %,d bytes; metadata is Apache Iceberg:",
              sums[0],
              sums[1],
              sums[2]));
      out.line("  " + table.metadataLocation());
    }

    private void tryNext(Instant before) {
      title("Try next");
      Path path = Path.of(location).toAbsolutePath();
      String start = "  " + Console.launcher() + " ";
      String at = " " + Console.shellWord(path.toString());
      out.line(
          start + "scan" + at + " --where \"status = 'failed'\" --columns task_id,error --limit 3");
      out.line(start + "count" + at + " --as-of " + before);
      out.line(start + "snapshots" + at + " | tail -3");
      out.line(start + "describe" + at + "    # and how pandas, Polars and DuckDB open it");
      out.line(
          "  echo '{\"task_id\":\"mine\",\"workflow\":\"w\",\"worker\":\"me\",\"status\":\"ok\","
              + "\"duration_ms\":1,\"ended_at\":\"2026-01-01T00:00:00Z\"}' | "
              + Console.launcher()
              + " append"
              + at);
      out.line(start + "verify" + at + " --deep");
      out.line(start + "stress --kill 0.5 --compare plain-file");
      out.line("  rm -r" + at + "    # when you have seen enough");
    }
  }
}
