package io.datashard.benchmarks.jmh;

import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.internal.manifest.ManifestReader;
import io.datashard.internal.manifest.ManifestWriter;
import io.datashard.internal.manifest.PartitionTypes;
import io.datashard.internal.manifest.WrittenManifest;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Type;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.Warmup;

/** Manifests of data files with bounds on six columns: what planning a scan reads. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the methods marked @Setup first
public class ManifestRead {
  /** How many data files the manifest lists. */
  @Param("1000")
  public int files;

  private final PartitionTypes types =
      PartitionTypes.of(List.of(PartitionSpec.UNPARTITIONED), List.of(Sample.SCHEMA));
  private List<ManifestEntry> entries;
  private byte[] bytes;
  private ManifestFile listed;

  /** A manifest as one commit of that many files writes it. */
  @Setup
  public void make() {
    entries = new ArrayList<>();
    for (int i = 0; i < files; i++) {
      entries.add(ManifestEntry.added(file(i)));
    }
    WrittenManifest written = written();
    bytes = new byte[written.content().remaining()];
    written.content().get(bytes);
    listed = written.summary().at("file:///lake/task_logs/metadata/manifests/m0.avro", 1);
  }

  private static DataFile file(int number) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    for (Field field : Sample.SCHEMA.fields()) {
      columns.put(
          field.id(),
          new ColumnMetrics(
              4_000_000,
              625_000,
              0,
              field.type() == Type.DOUBLE ? 0 : -1,
              bound(field.type(), number),
              bound(field.type(), number + 1)));
    }
    return new DataFile(
        "file:///lake/task_logs/data/%032x-0.parquet".formatted(number),
        "PARQUET",
        PartitionSpec.UNPARTITIONED.id(),
        List.of(),
        new FileMetrics(625_000, 24_000_000, columns, List.of(4L, 12_000_000L)),
        0);
  }

  private static ByteBuffer bound(Type type, int number) {
    Object value =
        switch (type.kind()) {
          case LONG -> (Object) (long) number;
          case TIMESTAMPTZ -> Instant.ofEpochSecond(1_767_225_600L + number);
          case DOUBLE -> (double) number;
          case STRING -> "%016x".formatted(number);
          default -> throw new IllegalArgumentException("The sample has no " + type);
        };
    return ByteBuffer.wrap(SingleValue.toBytes(type, value));
  }

  /** Every entry with the bounds of all columns; returns how many. */
  @Benchmark
  public int readAll() {
    return read(EntryFields.ALL);
  }

  /** Every entry with the bounds of one column, as a filter on it needs; returns how many. */
  @Benchmark
  public int readForOneColumn() {
    return read(EntryFields.metricsOf(Set.of(1)));
  }

  /** The same as columns, as a plan needs it; returns how many entries. */
  @Benchmark
  public int columnsForOneColumn() {
    return ManifestReader.columns(
            bytes, "m0.avro", listed, types, List.of(Sample.SCHEMA.field(0)), null)
        .size();
  }

  private int read(EntryFields fields) {
    int[] count = new int[1];
    ManifestReader.read(bytes, "m0.avro", listed, types, fields, entry -> count[0]++);
    return count[0];
  }

  /** The same manifest, written. */
  @Benchmark
  public WrittenManifest written() {
    return ManifestWriter.write(Sample.SCHEMA, PartitionSpec.UNPARTITIONED, 1, entries);
  }
}
