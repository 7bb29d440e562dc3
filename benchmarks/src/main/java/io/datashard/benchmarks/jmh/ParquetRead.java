package io.datashard.benchmarks.jmh;

import io.datashard.data.Batch;
import io.datashard.data.DoubleColumn;
import io.datashard.expr.Predicate;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.internal.parquet.ParquetWriter;
import io.datashard.internal.parquet.WriteOptions;
import io.datashard.schema.Schema;
import io.datashard.storage.LocalStore;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** One Parquet file as {@link ParquetWrite} makes it, opened and read in batches by one thread. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the methods marked @Setup first
public class ParquetRead {
  private static final int BATCH_ROWS = 8_192;
  private static final String KEY = "data/0.parquet";

  /** How many rows of six columns. */
  @Param("1000000")
  public int rows;

  private Path folder;
  private Storage storage;
  private long length;

  /** The file. */
  @Setup
  public void make() {
    folder = Folder.create();
    storage = LocalStore.of(folder).at("table");
    NewFile file = storage.create(KEY);
    try (ParquetWriter writer = new ParquetWriter(file, Sample.SCHEMA, WriteOptions.DEFAULT)) {
      Sample.batches(rows).forEach(writer::write);
      length = writer.finish().fileSizeBytes();
    }
    file.close();
  }

  /** Removes the folder. */
  @TearDown
  public void delete() {
    Folder.delete(folder);
  }

  /** The sum of a column of doubles with nulls. */
  @Benchmark
  public double sumValue() {
    Schema value = Sample.SCHEMA.select(List.of("value"));
    return read(value, Predicate.ALWAYS, batch -> sum((DoubleColumn) batch.column(0)));
  }

  private static double sum(DoubleColumn column) {
    double sum = 0;
    for (int i = 0; i < column.size(); i++) {
      sum += column.isNull(i) ? 0 : column.get(i);
    }
    return sum;
  }

  /** All columns of the tenth of the rows with one status; returns how many. */
  @Benchmark
  public double filterStatus() {
    return read(Sample.SCHEMA, Predicate.parse("status = 'failed'"), Batch::rows);
  }

  /** All columns of the thousandth of the rows with ids in a range; returns how many. */
  @Benchmark
  public double filterIdRange() {
    int first = rows / 2;
    return read(
        Sample.SCHEMA,
        Predicate.parse("id >= " + first + " AND id < " + (first + rows / 1000)),
        Batch::rows);
  }

  /** All columns of all rows; returns how many. */
  @Benchmark
  public double readAll() {
    return read(Sample.SCHEMA, Predicate.ALWAYS, Batch::rows);
  }

  private double read(Schema wanted, Predicate filter, ToDoubleFunction<Batch> each) {
    double sum = 0;
    try (ParquetReader reader = ParquetReader.open(storage.open(KEY, length), Map.of());
        BatchReader batches =
            reader.read(
                wanted, filter.bind(Sample.SCHEMA), BATCH_ROWS, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        sum += each.applyAsDouble(batch);
      }
    }
    return sum;
  }
}
