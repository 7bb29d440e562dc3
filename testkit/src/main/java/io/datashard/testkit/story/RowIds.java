package io.datashard.testkit.story;

import io.datashard.data.Batch;
import io.datashard.data.BytesColumn;
import io.datashard.data.IntColumn;
import io.datashard.expr.Bound;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.rows.BatchSource;
import io.datashard.internal.rows.FileScan;
import io.datashard.internal.rows.ScanThreads;
import io.datashard.internal.scan.FileCache;
import io.datashard.internal.scan.SnapshotFiles;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads which rows a snapshot has, by the id each row has; files are read once. */
public final class RowIds {
  /** The columns of the table. */
  public static final Schema SCHEMA =
      Schema.builder().required("id", Type.INT).optional("name", Type.STRING).build();

  private final Storage storage;
  private final FileCache cache = new FileCache(8 << 20);
  private final Map<String, List<Integer>> byFile = new HashMap<>();
  private final Map<String, List<DataFile>> byManifest = new HashMap<>();

  private final Set<String> lists = new HashSet<>();

  RowIds(Storage storage) {
    this.storage = storage;
  }

  /** Keys of all manifest lists, manifests and data files that were read. */
  Set<String> filesRead() {
    Set<String> keys = new HashSet<>();
    lists.forEach(location -> keys.add(keyOf(location)));
    byManifest.keySet().forEach(location -> keys.add(keyOf(location)));
    byFile.keySet().forEach(location -> keys.add(keyOf(location)));
    return keys;
  }

  private String keyOf(String location) {
    return location.substring(storage.location().length() + 1);
  }

  /** The data files of the current snapshot, in order. */
  List<DataFile> files(TableMetadata metadata) {
    Snapshot snapshot = metadata.currentSnapshot().orElse(null);
    if (snapshot != null) {
      lists.add(snapshot.manifestList());
    }
    SnapshotFiles files = SnapshotFiles.of(storage, metadata, snapshot, cache);
    List<DataFile> all = new ArrayList<>();
    for (ManifestFile manifest : files.manifests()) {
      all.addAll(
          byManifest.computeIfAbsent(
              manifest.location(), absent -> files.liveFiles(manifest, EntryFields.ALL)));
    }
    return all;
  }

  /** The ids of the current snapshot, in order. */
  List<Integer> of(TableMetadata metadata) {
    List<Integer> ids = new ArrayList<>();
    files(metadata).forEach(file -> ids.addAll(of(file)));
    return ids;
  }

  /** The ids of one data file, in order. */
  List<Integer> of(DataFile file) {
    List<Integer> known = byFile.get(file.location());
    if (known == null) {
      known = read(file);
      byFile.put(file.location(), known);
    }
    return known;
  }

  private List<Integer> read(DataFile file) {
    String key = keyOf(file.location());
    FileScan.Task task =
        new FileScan.Task(
            key, file.fileSizeBytes(), file.recordCount(), 1, new Bound.Constant(true));
    List<Integer> ids = new ArrayList<>();
    try (BatchSource batches =
        new FileScan(storage, Map.of(), SCHEMA, 1024)
            .open(List.of(task), Long.MAX_VALUE, ScanThreads.of(1))) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        IntColumn column = (IntColumn) batch.column(0);
        BytesColumn names = (BytesColumn) batch.column(1);
        for (int row = 0; row < batch.rows(); row++) {
          int id = column.values()[row];
          if (!nameOf(id).equals(text(names, row))) {
            throw new AssertionError(key + " has half a row: " + id);
          }
          ids.add(id);
        }
      }
    }
    return ids;
  }

  static String nameOf(int id) {
    return "row " + id;
  }

  private static String text(BytesColumn column, int row) {
    int entry = column.code(row);
    int start = column.start(entry);
    return new String(column.bytes(), start, column.end(entry) - start, StandardCharsets.UTF_8);
  }
}
