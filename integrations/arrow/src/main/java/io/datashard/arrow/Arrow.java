package io.datashard.arrow;

import com.google.flatbuffers.FlatBufferBuilder;
import io.datashard.Append;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.table.Committed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.arrow.vector.util.DictionaryUtility;

/**
 * Scans as vectors of Arrow's Java library, and appends of such vectors.
 *
 * <p>Works in any JVM without flags. What Arrow's own classes need beyond that is theirs: its
 * readers and writers of IPC want {@code --add-opens
 * java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED}; {@link ArrowIpc} does without. An
 * allocator comes from {@code arrow-memory-unsafe} or {@code arrow-memory-netty}, which the
 * application chooses.
 */
public final class Arrow {
  private Arrow() {}

  /**
   * The rows of a scan, one record batch after another: {@link ArrowReader#loadNextBatch} fills
   * {@link ArrowReader#getVectorSchemaRoot}. Memory is the allocator's, one batch at a time. Close
   * it, which frees everything even in the middle.
   *
   * <p>int and long are Int, date is Date (days), time and timestamps are in microseconds, a
   * timestamptz in UTC, decimals have 128 bits, uuid and fixed are FixedSizeBinary (a uuid with the
   * extension type {@code arrow.uuid} in its field's metadata). Strings are Utf8 also where the
   * table's files have dictionaries.
   *
   * @throws io.datashard.error.DataShardException as {@link Scan#batches()} does; also from {@link
   *     ArrowReader#loadNextBatch}
   */
  public static ArrowReader of(Scan scan, BufferAllocator allocator) {
    return new ScanReader(scan.batches(), allocator);
  }

  /** The rows of a scan in record batches of {@code rows} rows each, the last one shorter. */
  public static ArrowReader of(Scan scan, int rows, BufferAllocator allocator) {
    return new ScanReader(scan.batches(rows), allocator);
  }

  /** A table's or scan's columns as an Arrow schema. */
  public static Schema schema(io.datashard.schema.Schema columns) {
    return Schema.convertSchema(
        org.apache.arrow.flatbuf.Schema.getRootAsSchema(ArrowSchema.bytes(columns)));
  }

  /** The schema of vectors as messages have it: a dictionary's field has the type of its values. */
  static ByteBuffer bytes(VectorSchemaRoot root, DictionaryProvider dictionaries) {
    List<Field> fields = new ArrayList<>();
    for (Field field : root.getSchema().getFields()) {
      fields.add(DictionaryUtility.toMessageFormat(field, dictionaries, new HashSet<>()));
    }
    FlatBufferBuilder out = new FlatBufferBuilder();
    out.finish(new Schema(fields).getSchema(out));
    return ByteBuffer.wrap(out.sizedByteArray());
  }

  /**
   * Appends the rows of these vectors in one commit. Columns are matched by name, in any order;
   * optional ones may be absent. Which types fit is told at {@link ArrowIpc#read}.
   *
   * @throws io.datashard.error.SchemaMismatchException a column is not the table's or of a type
   *     that does not fit, or a required one is absent
   * @throws io.datashard.error.InvalidRowException a value does not fit; row, column, value and
   *     type are named, nothing was committed
   */
  public static Committed append(Table table, VectorSchemaRoot root) {
    return append(table, root, new DictionaryProvider.MapDictionaryProvider());
  }

  /** Appends the rows of vectors, some of which are indexes into these dictionaries. */
  public static Committed append(
      Table table, VectorSchemaRoot root, DictionaryProvider dictionaries) {
    io.datashard.schema.Schema schema = table.schema();
    return append(table, schema, VectorBatches.of(root, dictionaries, schema));
  }

  /** Appends all rows that the reader still has in one commit, in bounded memory. */
  public static Committed append(Table table, ArrowReader reader) {
    io.datashard.schema.Schema schema = table.schema();
    return append(table, schema, VectorBatches.of(reader, schema));
  }

  private static Committed append(
      Table table, io.datashard.schema.Schema schema, VectorBatches batches) {
    try (Append append = table.newAppend().expecting(schema)) {
      return append.batches(batches).commit();
    }
  }
}
