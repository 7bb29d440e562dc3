package io.datashard.cli.stress;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** The table of the stress test: a small log of tasks, each row with an id of its own. */
final class StressTable {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.STRING)
          .required("worker", Type.INT)
          .required("number", Type.INT)
          .required("sent_at", Type.TIMESTAMPTZ)
          .optional("note", Type.STRING)
          .build();

  private StressTable() {}

  static Table create(String location) {
    return DataShard.newTable(location, SCHEMA).mustBeNew().create();
  }

  static String id(int worker, int number) {
    return "w" + worker + "-" + number;
  }

  static Map<String, Object> row(int worker, int number) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", id(worker, number));
    row.put("worker", worker);
    row.put("number", number);
    row.put("sent_at", Instant.now());
    row.put("note", number % 2 == 0 ? "even" : null);
    return row;
  }
}
