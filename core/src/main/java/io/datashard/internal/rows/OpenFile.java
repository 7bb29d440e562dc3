package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.internal.parquet.ParquetWriter;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One data file being written. */
final class OpenFile implements AutoCloseable {
  private final String location;
  private final NewFile file;
  private final ParquetWriter writer;
  private final int specId;
  private final List<@Nullable Object> partition;
  private final int sortOrderId;

  /** Creates it. */
  OpenFile(
      Storage storage,
      String key,
      Schema schema,
      FileSettings settings,
      int specId,
      List<@Nullable Object> partition,
      int sortOrderId) {
    this.location = Locations.of(storage.location(), key);
    this.file = storage.create(key);
    this.writer = new ParquetWriter(file, schema, settings.options());
    this.specId = specId;
    this.partition = partition;
    this.sortOrderId = sortOrderId;
  }

  /** Adds rows of its partition. */
  void write(Batch batch) {
    writer.write(batch);
  }

  /** About how long it would be if it ended now. */
  long bytesEstimated() {
    return writer.bytesEstimated();
  }

  /** What it holds in memory. */
  long bytesBuffered() {
    return writer.bytesBuffered();
  }

  /** Ends it; the file is not durable yet. */
  DataFile end() {
    DataFile ended =
        new DataFile(location, "PARQUET", specId, partition, writer.finish(), sortOrderId);
    writer.close();
    return ended;
  }

  NewFile file() {
    return file;
  }

  /** Gives it up, unless it was ended. */
  @Override
  public void close() {
    writer.close();
    file.close();
  }
}
