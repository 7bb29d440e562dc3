package io.datashard.internal.care;

import io.datashard.data.Batch;
import io.datashard.error.DataShardException;
import io.datashard.expr.Bound;
import io.datashard.internal.metadata.NameMapping;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.internal.rows.PartitionCheck;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads whole data files and holds them against what the manifest says of them. */
final class DataFileCheck {
  private static final int BATCH_ROWS = 8_192;

  private final Storage storage;
  private final TableMetadata metadata;
  private final Map<String, Integer> idByName;
  private final boolean deep;

  DataFileCheck(Storage storage, TableMetadata metadata, boolean deep) {
    this.storage = storage;
    this.metadata = metadata;
    this.deep = deep;
    this.idByName = idByName(metadata);
  }

  private static Map<String, Integer> idByName(TableMetadata metadata) {
    @Nullable String mapping = metadata.properties().get(TableProperties.NAME_MAPPING);
    try {
      return mapping == null ? Map.of() : NameMapping.parse(mapping);
    } catch (IllegalArgumentException e) {
      return Map.of(); // files without ids then show that their columns are missing
    }
  }

  /** Reads the file and hands over what is wrong with it. */
  void run(String key, DataFile file, Consumer<String> damage) {
    if (!file.format().equalsIgnoreCase("PARQUET")) {
      damage.accept("Its format is " + file.format() + ", which DataShard does not read.");
      return;
    }
    try (ReadableFile open = storage.open(key, file.fileSizeBytes());
        ParquetReader reader = ParquetReader.open(open, idByName)) {
      if (reader.rowCount() != file.recordCount()) {
        damage.accept(
            "It holds "
                + reader.rowCount()
                + " rows, its manifest says "
                + file.recordCount()
                + ".");
      }
      readPages(reader, file, damage);
    } catch (DataShardException e) {
      damage.accept(String.valueOf(e.getMessage()));
    }
  }

  private void readPages(ParquetReader reader, DataFile file, Consumer<String> damage) {
    Schema columns = columnsOf(reader);
    List<ColumnCheck> checks = new ArrayList<>();
    if (deep) {
      columns.fields().forEach(field -> checks.add(new ColumnCheck(field)));
    }
    PartitionCheck partition = new PartitionCheck(columns, specOf(file), file);
    @Nullable String misplaced = null;
    long rows = 0;
    try (BatchReader batches =
        reader.read(columns, new Bound.Constant(true), BATCH_ROWS, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        rows += batch.rows();
        if (deep && misplaced == null) {
          misplaced = partition.see(batch);
        }
        for (int i = 0; i < checks.size(); i++) {
          checks.get(i).see(batch.column(i));
        }
      }
    }
    if (rows != reader.rowCount()) {
      damage.accept("Its pages hold " + rows + " rows, its footer says " + reader.rowCount() + ".");
      return;
    }
    checks.forEach(check -> check.compare(file, damage));
    if (misplaced != null) {
      damage.accept(misplaced);
    }
  }

  private PartitionSpec specOf(DataFile file) {
    return metadata.specs().stream()
        .filter(spec -> spec.id() == file.specId())
        .findFirst()
        .orElse(PartitionSpec.UNPARTITIONED);
  }

  /**
   * All that the file stores, as the table's newest types, and what it should store: a column that
   * was dropped is still read, so that its pages are verified too.
   */
  private Schema columnsOf(ParquetReader reader) {
    List<Field> fields = new ArrayList<>(metadata.schema().fields());
    Set<Integer> ids = new HashSet<>();
    Set<String> names = new HashSet<>();
    fields.forEach(field -> ids.add(field.id()));
    fields.forEach(field -> names.add(field.name()));
    for (Field stored : reader.footer().schema().fields()) {
      if (ids.add(stored.id()) && names.add(stored.name())) {
        fields.add(stored);
      }
    }
    return Schema.of(fields);
  }
}
