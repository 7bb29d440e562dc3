package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.NewFile;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.ColumnOrder;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.TypeDefinedOrder;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/**
 * Writes one Parquet data file from batches, front to back. Spec: Parquet format; Iceberg table
 * spec, Appendix A, "Parquet".
 *
 * <p>Held in memory: the compressed pages of the open row group, at most about {@link
 * WriteOptions#rowGroupBytesTarget}, and the values of each column's open pages, a quarter of that.
 * Page indexes are written only if some chunk has more than one page: where each has one, they
 * would repeat the footer. Used by one thread at a time; after an exception it can only be closed.
 */
public final class ParquetWriter implements AutoCloseable {
  /** As parquet-java's version parser reads it; a test compares it with the pom. */
  static final String CREATED_BY = "DataShard for Java version 0.1.0";

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  /** Rows that the columns take in turn, so that a row group ends near its target. */
  private static final int ROWS_STEP = 4096;

  /** So that readers can share a file out even if its columns encode to next to nothing. */
  private static final int ROW_GROUP_ROWS_MAX = 1 << 20;

  private static final int SAMPLE_PAGES_MAX = 4;
  private static final int PAGE_BYTES_MIN = 4 << 10;

  private final NewFile file;
  private final Schema schema;
  private final WriteOptions options;
  private final FileSink out;
  private final Packer packer;
  private final long rowGroupBytes;
  private final List<ColumnWriter> columns = new ArrayList<>();
  private final List<RowGroup> rowGroups = new ArrayList<>(1);
  private final List<List<Chunk>> chunks = new ArrayList<>(1);
  private long rows;
  private int rowsInGroup;
  private State state = State.OPEN;

  private enum State {
    OPEN,
    BROKEN,
    FINISHED,
    CLOSED
  }

  /**
   * Starts a file.
   *
   * @param out an empty file; it is finished by {@link #finish} and given up by {@link #close}
   * @param schema its columns; at least one
   */
  public ParquetWriter(NewFile out, Schema schema, WriteOptions options) {
    if (schema.size() == 0) {
      throw new IllegalArgumentException("A Parquet file needs at least one column.");
    }
    this.file = out;
    this.schema = schema;
    this.options = options;
    this.out = new FileSink(out);
    this.packer = new Packer(options.compression(), options.level());
    this.rowGroupBytes =
        Math.min(options.rowGroupBytesTarget(), Runtime.getRuntime().maxMemory() / 8);
    long bytesPerColumn = rowGroupBytes / 4 / schema.size();
    int pageBytes =
        (int) Math.min(options.pageBytesTarget(), Math.max(PAGE_BYTES_MIN, bytesPerColumn));
    int samplePages = (int) Math.max(1, Math.min(SAMPLE_PAGES_MAX, bytesPerColumn / pageBytes));
    int dictionaryBytes =
        (int) Math.min(options.dictionaryBytesMax(), Math.max(PAGE_BYTES_MIN, bytesPerColumn));
    for (Field field : schema.fields()) {
      columns.add(
          new ColumnWriter(
              field,
              packer,
              pageBytes,
              options.pageRowsMax(),
              samplePages,
              dictionaryBytes,
              bloomFilter(field)));
    }
    this.out.write(MAGIC, 0, MAGIC.length);
  }

  /** Filters share as much memory as pages do that wait for an encoding. */
  private @Nullable BloomFilterBuilder bloomFilter(Field field) {
    BloomOptions filters = options.bloomFilters();
    Double rate = filters.falsePositives().get(field.name());
    if (rate == null || field.type() == Type.BOOLEAN) {
      return null;
    }
    long share = rowGroupBytes / 4 / filters.falsePositives().size();
    return new BloomFilterBuilder(rate, (int) Math.min(filters.bytesMax(), share));
  }

  /**
   * Adds rows. The batch is not kept.
   *
   * @param batch the same columns as the file, in the same order; ids and names are not compared
   * @throws IllegalArgumentException a column has another type, a null where the file's column is
   *     required, or a value that its type cannot hold
   * @throws io.datashard.error.StorageException the store failed
   */
  public void write(Batch batch) {
    require(State.OPEN);
    check(batch);
    state = State.BROKEN; // until it went well
    int at = 0;
    while (at < batch.rows()) {
      int end = at + step(batch, at);
      for (int i = 0; i < columns.size(); i++) {
        columns.get(i).write(batch.column(i), at, end);
      }
      rowsInGroup += end - at;
      at = end;
      if (rowsInGroup >= ROW_GROUP_ROWS_MAX || bytesBuffered() >= rowGroupBytes) {
        endRowGroup();
      }
    }
    state = State.OPEN;
  }

  private void check(Batch batch) {
    Schema given = batch.schema();
    if (given.size() != schema.size()) {
      throw new IllegalArgumentException(
          "The file has " + schema.size() + " columns, the batch " + given.size() + ".");
    }
    for (int i = 0; i < schema.size(); i++) {
      Field field = schema.field(i);
      Column column = batch.column(i);
      if (!field.type().equals(column.type())) {
        throw new IllegalArgumentException(
            "Column '"
                + field.name()
                + "' is "
                + field.type()
                + " in the file, "
                + column.type()
                + " in the batch.");
      }
      if (field.required() && column.nullCount() > 0) {
        throw new IllegalArgumentException(
            "Column '"
                + field.name()
                + "' is required, but "
                + column.nullCount()
                + " of "
                + batch.rows()
                + " rows are null.");
      }
    }
  }

  /** How many rows the columns may take before the size of the row group is looked at again. */
  private int step(Batch batch, int from) {
    int step = Math.min(ROWS_STEP, batch.rows() - from);
    while (step > 1 && longBytes(batch, from, from + step) > rowGroupBytes / 4) {
      step /= 2;
    }
    return step;
  }

  private long longBytes(Batch batch, int from, int to) {
    long bytes = 0;
    for (Column column : batch.columns()) {
      if (!(column instanceof BytesColumn texts)) {
        continue;
      }
      if (!texts.isDictionary()) {
        bytes += texts.end(to - 1) - (long) texts.start(from);
      } else if (texts.bytes().length > ROWS_STEP) { // else a few thousand rows cannot be much
        for (int row = from; row < to; row++) {
          int entry = texts.code(row);
          bytes += texts.end(entry) - texts.start(entry);
        }
      }
    }
    return bytes;
  }

  /** Bytes held in memory for the open row group. */
  public long bytesBuffered() {
    long bytes = 0;
    for (ColumnWriter column : columns) {
      bytes += column.bytesHeld();
    }
    return bytes;
  }

  /** About how long the file would be if it ended now: for files of a wished size. */
  public long bytesEstimated() {
    return out.position() + bytesBuffered();
  }

  private void endRowGroup() {
    long start = out.position();
    List<Chunk> written = new ArrayList<>(columns.size());
    RowGroup group = new RowGroup(new ArrayList<>(columns.size()), 0, rowsInGroup);
    long plainBytes = 0;
    for (ColumnWriter column : columns) {
      Chunk chunk = column.flush(out);
      written.add(chunk);
      group.addToColumns(chunk.chunk());
      plainBytes += chunk.chunk().getMeta_data().getTotal_uncompressed_size();
    }
    group.setTotal_byte_size(plainBytes);
    group.setTotal_compressed_size(out.position() - start);
    group.setFile_offset(start);
    if (rowGroups.size() <= Short.MAX_VALUE) {
      group.setOrdinal((short) rowGroups.size());
    }
    writeBloomFilters(group);
    rowGroups.add(group);
    chunks.add(written);
    rows += rowsInGroup;
    rowsInGroup = 0;
  }

  private void writeBloomFilters(RowGroup group) {
    try {
      for (int i = 0; i < columns.size(); i++) {
        byte[] bitset = columns.get(i).takeBloomFilter();
        if (bitset != null) {
          BloomSection.write(bitset, group.getColumns().get(i).getMeta_data(), out);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a NewFile throws StorageException only
    }
  }

  /**
   * Writes what is held, the page indexes and the footer, and finishes the file. It is not yet
   * durable.
   *
   * @return what is known of the file and, by field id, of its columns
   * @throws io.datashard.error.StorageException the store failed
   */
  public FileMetrics finish() {
    require(State.OPEN);
    state = State.BROKEN;
    if (rowsInGroup > 0) {
      endRowGroup();
    }
    try {
      if (chunks.stream().flatMap(List::stream).anyMatch(c -> c.index().pages() > 1)) {
        writeIndexes();
      }
      long footerStart = out.position();
      ByteArrayOutputStream footer = new ByteArrayOutputStream(256);
      Util.writeFileMetaData(footer(), footer);
      byte[] sealed = footer.toByteArray();
      FooterChecksum.seal(sealed);
      out.write(sealed, 0, sealed.length);
      out.putInt(Math.toIntExact(out.position() - footerStart));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // a NewFile throws StorageException only
    }
    out.write(MAGIC, 0, MAGIC.length);
    out.flush();
    FileMetrics metrics = metrics();
    file.finish();
    state = State.FINISHED;
    return metrics;
  }

  private void writeIndexes() throws IOException {
    Map<Chunk, byte[]> valueIndexes = new IdentityHashMap<>();
    for (List<Chunk> group : chunks) {
      for (Chunk chunk : group) {
        ColumnIndex index = chunk.index().columnIndex();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        if (index != null) {
          Util.writeColumnIndex(index, bytes);
          chunk.chunk().setColumn_index_offset(out.position());
          chunk.chunk().setColumn_index_length(bytes.size());
          out.write(bytes.toByteArray(), 0, bytes.size());
        }
        valueIndexes.put(chunk, bytes.toByteArray());
      }
    }
    for (List<Chunk> group : chunks) {
      for (Chunk chunk : group) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Util.writeOffsetIndex(chunk.index().offsetIndex(), bytes);
        byte[] offsets = bytes.toByteArray();
        chunk.chunk().setOffset_index_offset(out.position());
        chunk.chunk().setOffset_index_length(offsets.length);
        out.write(offsets, 0, offsets.length);
        byte[] values = Objects.requireNonNull(valueIndexes.get(chunk));
        IndexChecksum.put(chunk.chunk().getMeta_data(), values, offsets);
      }
    }
  }

  private FileMetaData footer() {
    FileMetaData footer = new FileMetaData(1, ParquetTypes.elements(schema), rows, rowGroups);
    footer.setCreated_by(CREATED_BY);
    for (Map.Entry<String, String> entry : new TreeMap<>(options.keyValues()).entrySet()) {
      KeyValue keyValue = new KeyValue(entry.getKey());
      keyValue.setValue(entry.getValue());
      footer.addToKey_value_metadata(keyValue);
    }
    FooterChecksum.reserve(footer);
    List<ColumnOrder> orders = new ArrayList<>(schema.size());
    for (int i = 0; i < schema.size(); i++) {
      orders.add(ColumnOrder.TYPE_ORDER(new TypeDefinedOrder()));
    }
    footer.setColumn_orders(orders);
    return footer;
  }

  private FileMetrics metrics() {
    Map<Integer, ColumnMetrics> byId = new HashMap<>();
    for (int i = 0; i < schema.size(); i++) {
      Field field = schema.field(i);
      long bytes = 0;
      long nulls = 0;
      Range range = Range.NONE;
      for (List<Chunk> group : chunks) {
        bytes += group.get(i).bytes();
        nulls += group.get(i).nulls();
        range = range.with(group.get(i).range());
      }
      boolean mayBeNan =
          switch (field.type().kind()) {
            case FLOAT, DOUBLE -> true;
            default -> false;
          };
      byId.put(
          field.id(),
          new ColumnMetrics(
              bytes,
              rows,
              nulls,
              mayBeNan ? range.nans() : -1,
              Bounds.icebergLower(field.type(), range),
              Bounds.icebergUpper(field.type(), range)));
    }
    List<Long> splits = rowGroups.stream().map(RowGroup::getFile_offset).toList();
    return new FileMetrics(rows, out.position(), byId, splits);
  }

  private void require(State needed) {
    if (state != needed) {
      throw new IllegalStateException(
          "The writer of " + file.key() + " is " + state + ", it should be " + needed + ".");
    }
  }

  /** Frees memory; without {@link #finish} before, gives the file up. */
  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean finished = state == State.FINISHED;
    state = State.CLOSED;
    packer.close();
    if (!finished) {
      file.close();
    }
  }
}
