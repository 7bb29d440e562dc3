package io.datashard.benchmarks.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * A contender as a process that lives as long as its standard input: each line is an order, each
 * answered by one line of JSON. The words of an order are separated by tabs.
 *
 * <pre>
 * create PATH, open PATH          {}
 * append FIRST ROWS TIMES MILLIS  {"nanos": [...], "failed": [...], "unknown": [...],
 *                                 "failure": "..."}
 *     TIMES commits of ROWS rows with ids from FIRST on, fewer if MILLIS are over; what each
 *     took, and the first id of each commit that failed or may have been made
 * read TIMES                      {"nanos": [...], "rows": n, "digest": "..."}
 * ids                             {"ids": [...]}
 * </pre>
 *
 * An order that fails is answered by {@code {"error": "..."}}.
 */
public final class Worker<R> {
  private final Contender<R> contender;

  /** A worker for this contender. */
  public Worker(Contender<R> contender) {
    this.contender = contender;
  }

  /** Answers orders from standard input on standard output until the input ends. */
  public static void serve(Contender<?> contender) throws IOException {
    Worker<?> worker = new Worker<>(contender);
    Orders.serve(worker::answer);
  }

  /** The answer to one order. */
  public String answer(String order) {
    String[] words = order.split("\t");
    try {
      return switch (words[0]) {
        case "create" -> {
          contender.create(words[1]);
          yield "{}";
        }
        case "open" -> {
          contender.open(words[1]);
          yield "{}";
        }
        case "append" ->
            append(
                Long.parseLong(words[1]),
                Integer.parseInt(words[2]),
                Integer.parseInt(words[3]),
                Long.parseLong(words[4]));
        case "read" -> read(Integer.parseInt(words[1]));
        case "ids" ->
            "{\"ids\": %s}".formatted(contender.read().stream().map(contender::id).toList());
        default -> throw Orders.unknown(words[0]);
      };
    } catch (RuntimeException e) {
      return Orders.error(e);
    }
  }

  private String append(long first, int rows, int times, long millisMax) {
    long[] nanos = new long[times];
    List<Long> failed = new ArrayList<>();
    List<Long> unknown = new ArrayList<>();
    @Nullable String failure = null;
    int done = 0;
    long deadline = System.nanoTime() + millisMax * 1_000_000;
    while (done < times && System.nanoTime() < deadline) {
      long id = first + (long) done * rows;
      List<Map<String, Object>> batch = Rows.of(id, rows);
      long start = System.nanoTime();
      try {
        contender.append(batch);
      } catch (RuntimeException e) {
        (contender.isUnknown(e) ? unknown : failed).add(id);
        failure = e.toString();
      }
      nanos[done++] = System.nanoTime() - start;
    }
    return "{\"nanos\": %s, \"failed\": %s, \"unknown\": %s, \"failure\": %s}"
        .formatted(
            list(nanos, done), failed, unknown, failure == null ? "null" : Orders.json(failure));
  }

  private String read(int times) {
    long[] nanos = new long[times];
    List<R> rows = List.of();
    for (int i = 0; i < times; i++) {
      rows = List.of(); // the last ones may be collected
      long start = System.nanoTime();
      rows = contender.read();
      nanos[i] = System.nanoTime() - start;
    }
    return "{\"nanos\": %s, \"rows\": %d, \"digest\": \"%s\"}"
        .formatted(list(nanos, times), rows.size(), Rows.digest(contender, rows));
  }

  private static String list(long[] values, int count) {
    return LongStream.of(values)
        .limit(count)
        .mapToObj(Long::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
