package io.datashard.benchmarks.compare;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** The rows that contenders append, and what tells that a read returned exactly them. */
public final class Rows {
  private Rows() {}

  /** The rows of these ids, {@code first} up; the Python contenders make the same. */
  public static List<Map<String, Object>> of(long first, int count) {
    List<Map<String, Object>> rows = new ArrayList<>(count);
    for (long id = first; id < first + count; id++) {
      rows.add(Map.of("id", id, "name", "task-" + id % 1000, "value", id * 0.5));
    }
    return rows;
  }

  /** A CRC-32 of all values of all rows, in the order of their ids. */
  public static <R> String digest(Contender<R> contender, List<R> rows) {
    CRC32 crc = new CRC32();
    List<R> sorted = new ArrayList<>(rows);
    sorted.sort(Comparator.comparingLong(contender::id));
    for (R row : sorted) {
      String line =
          contender.id(row)
              + ","
              + contender.name(row)
              + ","
              + Double.doubleToLongBits(contender.value(row))
              + "\n";
      crc.update(line.getBytes(StandardCharsets.UTF_8));
    }
    return "%08x".formatted(crc.getValue());
  }
}
