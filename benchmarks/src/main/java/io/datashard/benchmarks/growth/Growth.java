package io.datashard.benchmarks.growth;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Commits rows one by one to a table in a local folder, synced, and tells at some counts what a
 * commit takes and what lies in the folder.
 *
 * <p>A disk is not as fast at one hour as at another, so what a commit takes is measured beside a
 * new table of {@value #YOUNG} commits, turn by turn. The ratio of the medians is what a long
 * history costs.
 */
public final class Growth {
  /** The commits of the table that the long one is measured beside. */
  static final int YOUNG = 100;

  private static final int WARM_UP = 1_000;
  private static final int MEASURED = 300;

  private static final Schema SCHEMA =
      Schema.builder()
          .required("task_id", Type.STRING)
          .required("status", Type.STRING)
          .required("duration_ms", Type.LONG)
          .build();

  private final Path folder;
  private final PrintStream out;
  private final boolean json;
  private int tables;

  /**
   * A measurement in this folder, which is to be empty.
   *
   * @param out gets the report
   * @param json whether the report is a line of JSON for each look
   */
  Growth(Path folder, PrintStream out, boolean json) {
    this.folder = folder;
    this.out = out;
    this.json = json;
  }

  /**
   * {@code [--json] FOLDER SECONDS COMMITS...}: one line of JSON a look or a text; where, how long
   * to let the table clean up, and when to look.
   */
  public static void main(String[] all) throws IOException, InterruptedException {
    boolean json = all[0].equals("--json");
    String[] words = json ? Arrays.copyOfRange(all, 1, all.length) : all;
    int[] counts = Arrays.stream(words).skip(2).mapToInt(Integer::parseInt).sorted().toArray();
    new Growth(Path.of(words[0]), System.out, json)
        .run(WARM_UP, Integer.parseInt(words[1]), counts);
  }

  /**
   * Measures.
   *
   * @param warmUp commits to another table before
   * @param restSeconds how long the table is left alone at the end, to clean old versions away
   * @param counts when to look, in commits, growing
   */
  void run(int warmUp, int restSeconds, int... counts) throws IOException, InterruptedException {
    try (Table warm = create()) {
      append(warm, 0, warmUp);
    }
    Path path = folder.resolve("long");
    try (Table table = DataShard.createTable(path, SCHEMA)) {
      int made = 0;
      for (int count : counts) {
        append(table, made, count);
        Times times = measure(table, count);
        made = count + MEASURED;
        report(new Look(count, times, 0, Contents.of(path, made)));
      }
      if (restSeconds > 0) {
        Thread.sleep(restSeconds * 1_000L);
        report(new Look(made, null, restSeconds, Contents.of(path, made)));
      }
      if (!json) {
        out.printf(Locale.ROOT, "snapshots: %s%n", table.history());
      }
    }
  }

  private Table create() {
    return DataShard.createTable(folder.resolve("table" + tables++), SCHEMA);
  }

  private static void append(Table table, int from, int to) {
    for (int i = from; i < to; i++) {
      commit(table, i);
    }
  }

  private static long commit(Table table, int number) {
    Map<String, Object> row =
        Map.of("task_id", "task " + number, "status", "ok", "duration_ms", number * 37L % 1_000);
    long start = System.nanoTime();
    table.append(List.of(row));
    return System.nanoTime() - start;
  }

  /** Makes {@value #MEASURED} commits. */
  private Times measure(Table table, int count) {
    long[] ours = new long[MEASURED];
    long[] youngs = new long[MEASURED];
    try (Table young = create()) {
      append(young, 0, YOUNG);
      for (int i = 0; i < MEASURED; i++) {
        youngs[i] = commit(young, YOUNG + i);
        ours[i] = commit(table, count + i);
      }
    }
    return Times.of(ours, youngs);
  }

  private void report(Look look) {
    out.print(json ? look.json() : look.text());
    out.flush();
  }
}
