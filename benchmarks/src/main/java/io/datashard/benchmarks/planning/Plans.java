package io.datashard.benchmarks.planning;

import io.datashard.benchmarks.compare.Orders;
import java.io.IOException;
import java.util.Arrays;

/** A library that plans scans of a table whose column {@code id} is a long. */
public interface Plans {
  /** Opens the table in this folder, instead of one that was open before. */
  void open(String folder);

  /**
   * Plans {@code id >= low AND id < high} on the open table.
   *
   * @return the rows of the files that the plan leads to
   */
  long plan(long low, long high);

  /**
   * {@code plan FOLDER LOW HIGH} plans once and prints the rows; without arguments, answers orders
   * from standard input, a line each, words separated by tabs:
   *
   * <pre>
   * open FOLDER               {}
   * plan LOW HIGH TIMES       {"nanos": [...], "rows": n}  with the table kept open
   * first FOLDER LOW HIGH TIMES
   *                           {"nanos": [...], "rows": n}  opened anew before each plan, which
   *                                                        is not part of the time
   * </pre>
   */
  static void main(Plans plans, String[] args) throws IOException {
    if (args.length == 4 && args[0].equals("plan")) {
      plans.open(args[1]);
      System.out.println(plans.plan(Long.parseLong(args[2]), Long.parseLong(args[3])));
      return;
    }
    Orders.serve(order -> answer(plans, order.split("\t")));
  }

  /** The answer to one order. */
  static String answer(Plans plans, String[] words) {
    try {
      return switch (words[0]) {
        case "open" -> {
          plans.open(words[1]);
          yield "{}";
        }
        case "plan" -> times(plans, null, Arrays.copyOfRange(words, 1, 4));
        case "first" -> times(plans, words[1], Arrays.copyOfRange(words, 2, 5));
        default -> throw Orders.unknown(words[0]);
      };
    } catch (RuntimeException e) {
      return Orders.error(e);
    }
  }

  private static String times(
      Plans plans, @org.jspecify.annotations.Nullable String reopen, String[] words) {
    long low = Long.parseLong(words[0]);
    long high = Long.parseLong(words[1]);
    long[] nanos = new long[Integer.parseInt(words[2])];
    long rows = -1;
    for (int i = 0; i < nanos.length; i++) {
      if (reopen != null) {
        plans.open(reopen);
      }
      long start = System.nanoTime();
      long found = plans.plan(low, high);
      nanos[i] = System.nanoTime() - start;
      if (rows >= 0 && found != rows) {
        throw new IllegalStateException("Found " + rows + " rows, and then " + found);
      }
      rows = found;
    }
    return "{\"nanos\": %s, \"rows\": %d}".formatted(Arrays.toString(nanos), rows);
  }
}
