package io.datashard.benchmarks.jmh;

import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.MetadataLogEntry;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.schema.PartitionSpec;
import io.datashard.table.Snapshot;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
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

/** The metadata file that every commit writes and every reader of a new version parses. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH calls the methods marked @Setup first
public class MetadataJson {
  private static final String LOCATION = "file:///lake/task_logs";
  private static final long FIRST_MILLIS = 1_767_225_600_000L; // 2026-01-01

  /** How many snapshots the table has. */
  @Param({"10", "100", "1000"})
  public int snapshots;

  private TableMetadata metadata;
  private byte[] bytes;
  private Snapshot next;

  /** The metadata of a table of that many commits of one row. */
  @Setup
  public void make() {
    TableMetadata.Builder builder =
        TableMetadata.create(
            UUID.fromString("7ddf1a3e-6c1f-4b43-9d6b-2c1f6a3c1e55"),
            LOCATION,
            Sample.SCHEMA,
            PartitionSpec.UNPARTITIONED,
            Map.of("write.metadata.compression-codec", "none"),
            FIRST_MILLIS)
            .toBuilder();
    for (int i = 1; i <= snapshots; i++) {
      builder
          .addSnapshot(snapshot(i))
          .addMetadataLog(
              new MetadataLogEntry(
                  FIRST_MILLIS + i, LOCATION + "/metadata/v" + i + ".metadata.json"),
              10);
    }
    metadata = builder.build();
    bytes = TableMetadataJson.write(metadata);
    next = snapshot(snapshots + 1);
  }

  private static Snapshot snapshot(int number) {
    Map<String, String> summary = new LinkedHashMap<>();
    summary.put("operation", "append");
    summary.put("added-data-files", "1");
    summary.put("added-records", "1");
    summary.put("added-files-size", "1012");
    summary.put("total-data-files", Integer.toString(number));
    summary.put("total-records", Integer.toString(number));
    summary.put("total-files-size", Integer.toString(1012 * number));
    return new Snapshot(
        id(number),
        number == 1 ? null : id(number - 1),
        number,
        FIRST_MILLIS + number,
        LOCATION + "/metadata/manifests/snap-" + id(number) + "-1-0123456789abcdef.avro",
        0,
        summary);
  }

  private static long id(int number) {
    return number * 0x9E3779B97F4A7C15L >>> 1;
  }

  /** From bytes to records. */
  @Benchmark
  public TableMetadata parse() {
    return TableMetadataJson.parse(bytes, "v1.metadata.json");
  }

  /** From records to bytes. */
  @Benchmark
  public byte[] write() {
    return TableMetadataJson.write(metadata);
  }

  /** What a commit does: one snapshot more, then to bytes. */
  @Benchmark
  public byte[] addSnapshotAndWrite() {
    return TableMetadataJson.write(metadata.toBuilder().addSnapshot(next).build());
  }
}
