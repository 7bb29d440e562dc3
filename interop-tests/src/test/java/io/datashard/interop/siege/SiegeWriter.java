package io.datashard.interop.siege;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Committed;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A process that appends until its standard input ends, from several threads, one to three rows at
 * a time, and writes down what it was told: {@code s}ent, {@code a}cknowledged, {@code f}ailed,
 * {@code u}nknown. The journals outlive the process, whatever ends it.
 */
final class SiegeWriter {
  static final Schema SCHEMA =
      Schema.builder()
          .required("writer", Type.STRING)
          .required("number", Type.INT)
          .required("part", Type.INT)
          .required("parts", Type.INT)
          .build();

  /** The longest word of a journal's line. */
  private static final int REASON_MAX = 200;

  private static volatile boolean stopping;

  private SiegeWriter() {}

  /** Table, folder of the journals, name, threads, how many appends each (0: until the end). */
  public static void main(String[] args) throws Exception {
    int threads = Integer.parseInt(args[3]);
    int appends = Integer.parseInt(args[4]);
    List<Thread> running = new ArrayList<>();
    try (Table table = DataShard.loadTable(Path.of(args[0]))) {
      System.out.println("ready");
      if (System.in.read() != '\n') {
        return;
      }
      for (int i = 0; i < threads; i++) {
        String name = args[2] + "." + i;
        Path journal = Path.of(args[1], name);
        Thread thread = new Thread(() -> work(table, journal, name, appends), name);
        thread.start();
        running.add(thread);
      }
      if (appends == 0) {
        while (System.in.read() >= 0) {
          // only its end matters
        }
        stopping = true;
      }
      for (Thread each : running) {
        each.join();
      }
    }
  }

  private static void work(Table table, Path path, String name, int appends) {
    Random random = new Random(name.hashCode());
    try (FileOutputStream journal = new FileOutputStream(path.toFile())) {
      for (int number = 1; !stopping && (appends == 0 || number <= appends); number++) {
        int parts = 1 + random.nextInt(3);
        note(journal, "s " + number + " " + parts);
        long start = System.nanoTime();
        String word = append(table, name, number, parts, random.nextInt(10) == 0);
        note(journal, word + " " + (System.nanoTime() - start) / 1_000);
        if (!word.startsWith("a")) {
          Thread.sleep(50); // a full disk does not get emptier by asking
        }
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String append(
      Table table, String name, int number, int parts, boolean hasDeadline) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int part = 1; part <= parts; part++) {
      rows.add(Map.of("writer", name, "number", number, "part", part, "parts", parts));
    }
    try {
      Committed done =
          hasDeadline
              ? table.newAppend().rows(rows).within(Duration.ofSeconds(5)).commit()
              : table.append(rows);
      return "a " + number + " " + done.version();
    } catch (OutcomeUnknownException e) {
      return "u " + number + " " + reason(e);
    } catch (DataShardException e) {
      return "f " + number + " " + reason(e);
    }
  }

  private static String reason(DataShardException e) {
    String text = String.valueOf(e.getMessage()).replaceAll("\\s+", "_");
    return text.substring(0, Math.min(text.length(), REASON_MAX));
  }

  private static void note(FileOutputStream journal, String line) throws IOException {
    journal.write((line + "\n").getBytes(StandardCharsets.UTF_8));
  }
}
