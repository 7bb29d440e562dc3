package io.datashard.benchmarks.jmh;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Committed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One row appended to a table in a local folder, durable when it returns. A batch of 100 on a new
 * table is one measurement, since commits grow slower with history.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 10, batchSize = OneRowAppend.APPENDS)
@Measurement(iterations = 20, batchSize = OneRowAppend.APPENDS)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the methods marked @Setup first
public class OneRowAppend {
  static final int APPENDS = 100;

  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("name", Type.STRING)
          .optional("value", Type.DOUBLE)
          .build();

  private Path folder;
  private Table table;
  private long id;

  /** A new table for each batch. */
  @Setup(Level.Iteration)
  public void createTable() {
    folder = Folder.create();
    table = DataShard.createTable(folder.resolve("table"), SCHEMA);
    id = 0;
  }

  /** Checks that no row is missing. */
  @TearDown(Level.Iteration)
  public void checkAndDelete() {
    long rows = table.scan().count();
    table.close();
    Folder.delete(folder);
    if (rows != id) {
      throw new IllegalStateException(id + " rows were appended, the table has " + rows);
    }
  }

  /** One commit; the score is that of a whole batch of 100. */
  @Benchmark
  public Committed append() {
    id++;
    return table.append(List.of(Map.of("id", id, "name", "task-" + id, "value", id * 0.5)));
  }
}
