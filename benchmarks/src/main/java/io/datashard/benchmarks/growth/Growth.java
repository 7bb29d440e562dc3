package io.datashard.benchmarks.growth;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

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
  private int tables;

  /**
   * A measurement in this folder, which is to be empty.
   *
   * @param out gets the report
   */
  Growth(Path folder, PrintStream out) {
    this.folder = folder;
    this.out = out;
  }

  /**
   * {@code FOLDER SECONDS COMMITS...}: where, how long to let the table clean up, and when to look.
   */
  public static void main(String[] words) throws IOException, InterruptedException {
    int[] counts = Arrays.stream(words).skip(2).mapToInt(Integer::parseInt).sorted().toArray();
    new Growth(Path.of(words[0]), System.out).run(WARM_UP, Integer.parseInt(words[1]), counts);
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
        made = count + measure(table, count);
        report(path, made, "at once");
      }
      if (restSeconds > 0) {
        Thread.sleep(restSeconds * 1_000L);
        report(path, made, "after " + restSeconds + " s of rest");
      }
      out.printf(Locale.ROOT, "snapshots: %s%n", table.history());
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

  /** Returns how many commits it made. */
  private int measure(Table table, int count) {
    long[] ours = new long[MEASURED];
    long[] youngs = new long[MEASURED];
    try (Table young = create()) {
      append(young, 0, YOUNG);
      for (int i = 0; i < MEASURED; i++) {
        youngs[i] = commit(young, YOUNG + i);
        ours[i] = commit(table, count + i);
      }
    }
    double median = median(ours);
    double beside = median(youngs);
    out.printf(
        Locale.ROOT,
        "after %,7d commits: %.3f ms a commit (90 %% under %.3f), after %d: %.3f ms (%.3f);"
            + " ratio %.2f%n",
        count,
        median,
        millis(ours[MEASURED * 9 / 10]),
        YOUNG,
        beside,
        millis(youngs[MEASURED * 9 / 10]),
        median / beside);
    return MEASURED;
  }

  /** Sorts them. */
  private static double median(long[] nanos) {
    Arrays.sort(nanos);
    return millis(nanos[nanos.length / 2]);
  }

  private static double millis(long nanos) {
    return nanos / 1e6;
  }

  /** What kinds of files there are. */
  private static final class Kind {
    long files;
    long bytes;
    long blocks;
  }

  private void report(Path table, int commits, String when) throws IOException {
    Map<String, Kind> kinds = new TreeMap<>();
    Kind all = new Kind();
    long block = Files.getFileStore(table).getBlockSize();
    try (Stream<Path> paths = Files.walk(table)) {
      for (Path file : paths.filter(Files::isRegularFile).toList()) {
        long bytes;
        try {
          bytes = Files.size(file);
        } catch (IOException e) {
          continue; // cleaned away meanwhile
        }
        for (Kind kind :
            List.of(all, kinds.computeIfAbsent(kindOf(table, file), name -> new Kind()))) {
          kind.files++;
          kind.bytes += bytes;
          kind.blocks += roundedUp(bytes, block);
        }
      }
    }
    out.printf(
        Locale.ROOT,
        "  %s: %,d bytes a commit, %,d bytes of blocks; of these:%n",
        when,
        all.bytes / commits,
        all.blocks / commits);
    kinds.forEach(
        (name, kind) ->
            out.printf(
                Locale.ROOT,
                "    %-14s %,8d files, %,6d bytes a commit%n",
                name,
                kind.files,
                kind.bytes / commits));
    out.flush();
  }

  /** Java cannot ask how many blocks a file has; whole ones are what any file takes at least. */
  private static long roundedUp(long bytes, long block) {
    return (bytes + block - 1) / block * block;
  }

  private static String kindOf(Path table, Path file) {
    String path = table.relativize(file).toString().replace('\\', '/');
    if (path.startsWith("data/")) {
      return "data files";
    } else if (path.startsWith("metadata/manifests/snap-")) {
      return "manifest lists";
    } else if (path.startsWith("metadata/manifests/")) {
      return "manifests";
    } else if (path.startsWith("metadata/history/")) {
      return "archive";
    }
    return path.endsWith(".metadata.json") ? "versions" : "others";
  }
}
