package io.datashard.cli.demo;

import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/** The log that the demo's workflow engine keeps: one row for each task that ended. */
final class DemoTable {
  static final Schema SCHEMA =
      Schema.builder()
          .required("task_id", Type.STRING)
          .required("workflow", Type.STRING)
          .required("worker", Type.STRING)
          .required("status", Type.STRING)
          .required("duration_ms", Type.LONG)
          .required("ended_at", Type.TIMESTAMPTZ)
          .optional("error", Type.STRING)
          .build();

  private static final String[] WORKFLOWS = {"billing", "reports", "backup"};

  private DemoTable() {}

  /** The row of a task; in an outage, most billing tasks fail. */
  static Map<String, Object> task(String worker, int number, boolean outage, Random random) {
    String workflow = WORKFLOWS[random.nextInt(WORKFLOWS.length)];
    boolean failed = outage && workflow.equals("billing") && random.nextInt(5) > 0;
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("task_id", (outage ? "b" : "a") + "-" + worker + "-" + number);
    row.put("workflow", workflow);
    row.put("worker", worker);
    row.put("status", failed ? "failed" : "ok");
    row.put("duration_ms", failed ? 5_000L : 40L + random.nextInt(400));
    row.put("ended_at", Instant.now().truncatedTo(ChronoUnit.MILLIS));
    row.put("error", failed ? "database does not answer" : null);
    return row;
  }
}
