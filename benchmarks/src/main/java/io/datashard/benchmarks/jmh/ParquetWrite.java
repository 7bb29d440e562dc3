package io.datashard.benchmarks.jmh;

import io.datashard.data.Batch;
import io.datashard.internal.parquet.ParquetWriter;
import io.datashard.internal.parquet.WriteOptions;
import io.datashard.storage.LocalStore;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.FileMetrics;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Column batches into one Parquet file of a local folder, not synced. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5)
@Measurement(iterations = 10)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the methods marked @Setup first
public class ParquetWrite {
  /** How many rows of six columns. */
  @Param("1000000")
  public int rows;

  private List<Batch> batches;
  private Path folder;
  private Storage storage;
  private int written;

  /** The rows, in memory. */
  @Setup
  public void make() {
    batches = Sample.batches(rows);
    folder = Folder.create();
    storage = LocalStore.of(folder).at("table");
  }

  /** Removes the file, so that files do not pile up. */
  @TearDown(Level.Iteration)
  public void deleteFile() {
    storage.delete(key(written));
  }

  /** Removes the folder. */
  @TearDown
  public void deleteFolder() {
    Folder.delete(folder);
  }

  private static String key(int number) {
    return "data/" + number + ".parquet";
  }

  /** The file, with zstd and all indexes. */
  @Benchmark
  public FileMetrics write() {
    written++;
    NewFile file = storage.create(key(written));
    try (ParquetWriter writer = new ParquetWriter(file, Sample.SCHEMA, WriteOptions.DEFAULT)) {
      batches.forEach(writer::write);
      return writer.finish();
    } finally {
      file.close();
    }
  }
}
