package io.datashard.internal.scan;

import io.datashard.expr.Bound.Facts;
import io.datashard.expr.RandomFilters;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.internal.manifest.ManifestListWriter;
import io.datashard.internal.manifest.ManifestWriter;
import io.datashard.internal.manifest.WrittenManifest;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A table of manifests over data files that need not exist, made for a planner to read. */
final class SmallTable {
  static final long SNAPSHOT_ID = 7;

  final Storage storage;
  final TableMetadata metadata;
  final FileCache cache = new FileCache(1 << 20);
  final List<ManifestFile> manifests = new ArrayList<>();
  private final Schema schema;
  private final PartitionSpec spec;

  SmallTable(Storage storage, Schema schema, PartitionSpec spec) {
    this.storage = storage;
    this.schema = schema;
    this.spec = spec;
    this.metadata =
        TableMetadata.create(new UUID(1, 2), storage.location(), schema, spec, Map.of(), 0);
  }

  /** A data file with these facts of some columns. */
  DataFile file(String name, long rows, List<@Nullable Object> partition, Map<Field, Facts> facts) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    facts.forEach(
        (field, known) ->
            columns.put(
                field.id(),
                new ColumnMetrics(
                    -1,
                    known.rows(),
                    known.nulls(),
                    RandomFilters.isFloating(field) ? known.nans() : -1,
                    bytes(field, known.lower()),
                    bytes(field, known.upper()))));
    return new DataFile(
        Locations.of(storage.location(), "data/" + name),
        "PARQUET",
        spec.id(),
        partition,
        new FileMetrics(rows, 1_000, columns, List.of()),
        null);
  }

  private static @Nullable ByteBuffer bytes(Field field, @Nullable Object bound) {
    return bound == null ? null : ByteBuffer.wrap(SingleValue.toBytes(field.type(), bound));
  }

  /** Adds a manifest that lists these files as added. */
  SmallTable manifest(DataFile... files) {
    return manifest(List.of(files).stream().map(ManifestEntry::added).toList());
  }

  SmallTable manifest(List<ManifestEntry> entries) {
    WrittenManifest written = ManifestWriter.write(schema, spec, SNAPSHOT_ID, entries);
    String key = "metadata/m" + manifests.size() + ".avro";
    put(key, written.content());
    manifests.add(written.summary().at(Locations.of(storage.location(), key), 1));
    return this;
  }

  void put(String key, ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.get(bytes);
    try (NewFile file = storage.create(key)) {
      file.write(bytes, 0, bytes.length);
      file.finish();
    }
  }

  /** The snapshot of all manifests so far, its list written under a new name. */
  SnapshotFiles open() {
    return open(Map.of("operation", "append"));
  }

  SnapshotFiles open(Map<String, String> summary) {
    return SnapshotFiles.of(storage, metadata, snapshot(summary), cache);
  }

  /** A snapshot of all manifests so far, its list written under a new name. */
  Snapshot snapshot(Map<String, String> summary) {
    String key = "metadata/snap-" + UUID.randomUUID() + ".avro";
    put(key, ByteBuffer.wrap(ManifestListWriter.write(SNAPSHOT_ID, null, 1, manifests, Map.of())));
    return new Snapshot(SNAPSHOT_ID, null, 1, 0, Locations.of(storage.location(), key), 0, summary);
  }
}
