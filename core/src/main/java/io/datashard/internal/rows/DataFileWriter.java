package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.internal.env.Env;
import io.datashard.internal.parquet.ParquetWriter;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Batches into as many data files as their size asks for.
 *
 * <p>No file exists before the first row. A file that is full is made durable at once, so that a
 * long append does not pile up dirty pages; the last one is left to the commit, which syncs it
 * together with its manifest.
 */
public final class DataFileWriter implements AutoCloseable {
  private final Storage storage;
  private final Schema schema;
  private final PartitionSpec spec;
  private final FileSettings settings;
  private final String unique;
  private final List<DataFile> files = new ArrayList<>();
  private final List<NewFile> pending = new ArrayList<>();
  private @Nullable NewFile current;
  private @Nullable ParquetWriter writer;
  private int started;

  /**
   * A writer of files below {@code data/}.
   *
   * @param spec the table's partition spec, which leaves all rows in one partition
   */
  public DataFileWriter(
      Storage storage, Env env, Schema schema, PartitionSpec spec, FileSettings settings) {
    this.storage = storage;
    this.schema = schema;
    this.spec = spec;
    this.settings = settings;
    this.unique = env.randomHex();
  }

  /** Writes a batch of the schema's columns. */
  public void write(Batch batch) {
    if (batch.rows() == 0) {
      return;
    }
    if (writer == null) {
      current = storage.create("data/" + unique + "-" + started++ + ".parquet");
      writer = new ParquetWriter(current, schema, settings.options());
    }
    writer.write(batch);
    if (writer.bytesEstimated() >= settings.fileBytesTarget()) {
      storage.makeDurable(List.of(endFile()));
    }
  }

  private NewFile endFile() {
    ParquetWriter ending = java.util.Objects.requireNonNull(writer);
    NewFile file = java.util.Objects.requireNonNull(current);
    FileMetrics metrics = ending.finish();
    ending.close();
    writer = null;
    current = null;
    files.add(
        new DataFile(
            Locations.of(storage.location(), file.key()),
            "PARQUET",
            spec.id(),
            spec.onlyPartition(),
            metrics,
            0));
    return file;
  }

  /** Ends the last file. Nothing may be written afterwards. */
  public void finish() {
    if (writer != null) {
      pending.add(endFile());
    }
  }

  /** The files ended so far, in order. */
  public List<DataFile> files() {
    return files;
  }

  /** Those that are not durable yet. */
  public List<NewFile> pending() {
    return pending;
  }

  /** Gives up the file being written; files that were ended stay. */
  @Override
  public void close() {
    if (writer != null) {
      writer.close();
      writer = null;
    }
    if (current != null) {
      current.close();
      current = null;
    }
    pending.forEach(NewFile::close);
  }
}
