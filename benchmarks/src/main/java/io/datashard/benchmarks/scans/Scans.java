package io.datashard.benchmarks.scans;

import io.datashard.benchmarks.compare.Orders;
import java.io.IOException;
import java.util.Arrays;
import java.util.Locale;

/**
 * A library that reads and writes tables of six columns: {@code id} from 0 up, {@code ts}, {@code
 * user_id}, {@code status}, {@code value} and {@code payload}.
 *
 * <p>What a query finds is told as numbers, so that all contenders can be compared: of the wanted
 * rows their count, and of each column that was wanted its sum; of texts the sum of their bytes; of
 * times the sum of the microseconds since {@link #FIRST_MICROS}.
 */
public interface Scans {
  /** The time of the first row, 2026-01-01 in UTC. */
  long FIRST_MICROS = 1_767_225_600_000_000L;

  /** Opens what lies in this folder, instead of what was open before. */
  void open(String folder);

  /**
   * Asks one query.
   *
   * @param query its name, one of those that {@code benchmarks/README.md} lists
   * @param threads how many may work
   * @param low the first id of a query for a range of ids
   * @param high the last one
   * @throws UnsupportedOperationException this library is not asked that query
   */
  double[] ask(String query, int threads, long low, long high);

  /**
   * Keeps the first rows of the open table in memory, to be written.
   *
   * @param shape batches or maps, or what the library has in their stead
   */
  void keep(String shape, int rows);

  /**
   * Writes the kept rows to one new table or file.
   *
   * @param folder does not exist yet
   */
  void write(String folder);

  /**
   * Answers orders from standard input, a line each, words separated by tabs.
   *
   * <pre>
   * open FOLDER                         {}
   * ask QUERY THREADS LOW HIGH TIMES    {"nanos": [...], "found": [...]}
   * keep SHAPE ROWS                     {}
   * write FOLDER                        {"nanos": [n]}
   * </pre>
   */
  static void main(Scans scans) throws IOException {
    Orders.serve(order -> answer(scans, order.split("\t")));
  }

  /** The answer to one order. */
  static String answer(Scans scans, String... words) {
    try {
      return switch (words[0]) {
        case "open" -> {
          scans.open(words[1]);
          yield "{}";
        }
        case "ask" -> ask(scans, words);
        case "keep" -> {
          scans.keep(words[1], Integer.parseInt(words[2]));
          yield "{}";
        }
        case "write" -> {
          long start = System.nanoTime();
          scans.write(words[1]);
          yield "{\"nanos\": [%d]}".formatted(System.nanoTime() - start);
        }
        default -> throw Orders.unknown(words[0]);
      };
    } catch (RuntimeException e) {
      return Orders.error(e);
    }
  }

  private static String ask(Scans scans, String[] words) {
    int threads = Integer.parseInt(words[2]);
    long low = Long.parseLong(words[3]);
    long high = Long.parseLong(words[4]);
    long[] nanos = new long[Integer.parseInt(words[5])];
    double[] found = {};
    for (int i = 0; i < nanos.length; i++) {
      long start = System.nanoTime();
      found = scans.ask(words[1], threads, low, high);
      nanos[i] = System.nanoTime() - start;
    }
    String numbers = Arrays.toString(found).toLowerCase(Locale.ROOT);
    return "{\"nanos\": %s, \"found\": %s}".formatted(Arrays.toString(nanos), numbers);
  }
}
