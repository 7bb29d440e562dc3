package io.datashard.benchmarks.jmh;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A table of six columns as services log them; the same rows for the same seed. */
final class Sample {
  static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .required("ts", Type.TIMESTAMPTZ)
          .required("user_id", Type.LONG)
          .required("status", Type.STRING)
          .optional("value", Type.DOUBLE)
          .required("payload", Type.STRING)
          .build();

  private static final int BATCH_ROWS = 8_192;
  private static final long FIRST_MICROS = 1_767_225_600_000_000L; // 2026-01-01
  private static final String[] STATUSES = {"ok", "ok, late", "retried", "failed", "cancelled"};
  private static final int PAYLOAD_CHARS = 20;

  private Sample() {}

  /** So many rows: ids from 0 up, a tenth of the statuses "failed", a value in 50 null. */
  static List<Batch> batches(int rows) {
    SplittableRandom random = new SplittableRandom(42);
    List<Batch> batches = new ArrayList<>();
    BatchBuilder builder = new BatchBuilder(SCHEMA);
    byte[] payload = new byte[PAYLOAD_CHARS];
    for (int id = 0; id < rows; id++) {
      builder.column(0).addLong(id);
      builder.column(1).addLong(FIRST_MICROS + id * 1_000L + random.nextInt(1_000));
      builder.column(2).addLong(random.nextInt(100_000));
      builder.column(3).addBytes(status(random.nextInt(10)));
      if (id % 50 == 49) {
        builder.column(4).addNull();
      } else {
        builder.column(4).addDouble(random.nextDouble() * 1_000);
      }
      for (int i = 0; i < PAYLOAD_CHARS; i++) {
        payload[i] = (byte) ('a' + random.nextInt(26));
      }
      builder.column(5).addBytes(payload);
      builder.endRow();
      if (builder.rows() == BATCH_ROWS) {
        batches.add(builder.build());
      }
    }
    if (builder.rows() > 0) {
      batches.add(builder.build());
    }
    return batches;
  }

  private static byte[] status(int tenth) {
    int which = tenth < 6 ? 0 : tenth - 5; // six tenths "ok", one each of the others
    return STATUSES[which].getBytes(StandardCharsets.UTF_8);
  }
}
