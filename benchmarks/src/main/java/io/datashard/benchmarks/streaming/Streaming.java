package io.datashard.benchmarks.streaming;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.LongColumn;
import io.datashard.schema.Schema;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * Writes a table of six columns as a stream, and reads it as streams of every shape. Every read
 * checks how many rows came and the sum of a column; the heap is whatever the JVM was given.
 */
public final class Streaming {
  /** One row: an id from 0 up, a time, and what a service logs with it. */
  public record Event(
      long id, Instant ts, long user_id, String status, double value, String payload) {}

  private static final int BATCH_ROWS = 8_192;
  private static final long FIRST_MICROS = 1_767_225_600_000_000L; // 2026-01-01
  private static final String[] STATUSES = {"ok", "ok, late", "retried", "failed", "cancelled"};
  private static final int PAYLOAD_CHARS = 20;
  private static final int USERS = 100_000;

  private final Path folder;
  private final long rows;
  private final PrintStream out;

  /**
   * A table of so many rows in this folder.
   *
   * @param out gets a line for each step: its name and the milliseconds it took
   */
  Streaming(Path folder, long rows, PrintStream out) {
    this.folder = folder;
    this.rows = rows;
    this.out = out;
  }

  /**
   * {@code FOLDER ROWS STEP...}, each step {@code write} or a shape of {@link #read}, with {@code
   * *3} behind it to take it three times.
   */
  public static void main(String[] words) {
    Streaming streaming = new Streaming(Path.of(words[0]), Long.parseLong(words[1]), System.out);
    for (int i = 2; i < words.length; i++) {
      String[] parts = words[i].split("\\*", 2);
      for (int k = parts.length == 1 ? 1 : Integer.parseInt(parts[1]); k > 0; k--) {
        streaming.take(parts[0]);
      }
    }
  }

  void take(String step) {
    long start = System.nanoTime();
    if (step.equals("write")) {
      write();
    } else {
      read(step);
    }
    double millis = (System.nanoTime() - start) / 1e6;
    out.printf(
        Locale.ROOT,
        "{\"step\": \"%s\", \"ms\": %.0f, \"rows\": %d, \"heap_mb\": %d}%n",
        step,
        millis,
        rows,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  private void write() {
    try (Table table = DataShard.createTable(folder, Schema.of(Event.class))) {
      table.newAppend().batches(() -> batches(table.schema())).commit();
    }
  }

  private Iterator<Batch> batches(Schema schema) {
    SplittableRandom random = new SplittableRandom(42);
    byte[] payload = new byte[PAYLOAD_CHARS];
    BatchBuilder builder = new BatchBuilder(schema);
    return new Iterator<>() {
      private long next;

      @Override
      public boolean hasNext() {
        return next < rows;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        long end = Math.min(rows, next + BATCH_ROWS);
        for (; next < end; next++) {
          int tenth = random.nextInt(10);
          builder.column(0).addLong(next);
          builder.column(1).addLong(FIRST_MICROS + next * 1_000 + random.nextInt(1_000));
          builder.column(2).addLong(random.nextInt(USERS));
          String status = STATUSES[tenth < 6 ? 0 : tenth - 5]; // six tenths "ok"
          builder.column(3).addBytes(status.getBytes(StandardCharsets.UTF_8));
          builder.column(4).addDouble(random.nextDouble() * 1_000);
          for (int i = 0; i < PAYLOAD_CHARS; i++) {
            payload[i] = (byte) ('a' + random.nextInt(26));
          }
          builder.column(5).addBytes(payload);
          builder.endRow();
        }
        return builder.build();
      }
    };
  }

  /** What a read adds up. */
  private static final class Seen {
    long rows;
    long ids;

    void add(long id) {
      rows++;
      ids += id;
    }
  }

  /**
   * Reads the whole table.
   *
   * @param shape records, records-1 (with one thread), maps, rows, batches, batches-1000, or some
   *     (a filter for a tenth of the rows, as records)
   */
  private void read(String shape) {
    Seen seen = new Seen();
    try (Table table = DataShard.loadTable(folder)) {
      Scan scan = table.scan();
      switch (shape) {
        case "records" -> records(scan, seen);
        case "records-1" -> records(scan.parallel(1), seen);
        case "some" -> records(scan.where("status = 'failed'"), seen);
        case "maps" -> {
          try (Stream<Map<String, Object>> all = scan.stream()) {
            all.forEach(row -> seen.add((Long) Objects.requireNonNull(row.get("id"))));
          }
        }
        case "rows" -> {
          try (RowCursor all = scan.rows()) {
            while (all.next()) {
              seen.add(all.getLong(0));
            }
          }
        }
        case "batches" -> batches(scan.batches(), seen);
        case "batches-1000" -> batches(scan.batches(1_000), seen);
        default -> throw new IllegalArgumentException("There is no step '" + shape + "'.");
      }
    }
    if (!shape.equals("some")) {
      require(seen.rows == rows, "rows", seen.rows, rows);
      long sum = LongStream.of(rows, rows - 1).reduce(1, Math::multiplyExact) / 2;
      require(seen.ids == sum, "the sum of the ids", seen.ids, sum);
    } else {
      require(seen.rows > rows / 11 && seen.rows < rows / 9, "filtered", seen.rows, rows / 10);
    }
  }

  private static void records(Scan scan, Seen seen) {
    try (Stream<Event> all = scan.stream(Event.class)) {
      all.forEach(event -> seen.add(event.id()));
    }
  }

  private static void batches(Batches all, Seen seen) {
    try (all) {
      for (Batch batch : all) {
        LongColumn ids = (LongColumn) batch.column(0);
        for (int i = 0; i < batch.rows(); i++) {
          seen.add(ids.get(i));
        }
      }
    }
  }

  private static void require(boolean right, String what, long found, long expected) {
    if (!right) {
      throw new IllegalStateException(what + ": " + found + ", expected " + expected);
    }
  }
}
