package io.datashard.testkit.tables;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Small tables of numbered rows, for tests that break something and then count. */
public final class Tables {
  public static final Schema SCHEMA =
      Schema.builder().required("id", Type.INT).optional("name", Type.STRING).build();

  private Tables() {}

  /** Creates the table, or opens it. */
  public static Table create(Storage storage) {
    return DataShard.on(location -> storage).createTable("t", SCHEMA);
  }

  /** Creates the table with three partitions, or opens it. */
  static Table createPartitioned(Storage storage) {
    return DataShard.on(location -> storage)
        .newTable("t", SCHEMA)
        .partitionedBy("bucket(3, id)")
        .sortedBy("name desc")
        .create();
  }

  /** Opens the table. */
  public static Table load(Storage storage) {
    return DataShard.on(location -> storage).loadTable("t");
  }

  /** Rows numbered from {@code from} up to and without {@code to}. */
  public static List<Map<String, Object>> rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(i -> Map.<String, Object>of("id", i, "name", "row " + i))
        .toList();
  }

  /** How often each id is in the table now, read by a new process. */
  public static Map<Integer, Integer> countsById(Storage storage) {
    Map<Integer, Integer> counts = new TreeMap<>();
    try (Table table = load(storage)) {
      for (Map<String, Object> row : table.scan().toMaps()) {
        counts.merge((Integer) row.get("id"), 1, Integer::sum);
        if (!("row " + row.get("id")).equals(row.get("name"))) {
          throw new AssertionError("half a row: " + row);
        }
      }
    }
    return counts;
  }

  /** The counts of a table that holds each of these ids once. */
  public static Map<Integer, Integer> once(int from, int to) {
    Map<Integer, Integer> counts = new TreeMap<>();
    IntStream.range(from, to).forEach(i -> counts.put(i, 1));
    return counts;
  }
}
