package io.datashard.arrow;

import io.datashard.Append;
import io.datashard.Batches;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Arrow IPC: scans as streams, and streams and files appended. What pandas, Polars and pyarrow read
 * and write as "Arrow stream" and "Feather".
 *
 * <p>Needs of Arrow's Java library only {@code arrow-format}, the classes of its messages: no
 * {@code arrow-vector}, no allocator, no memory outside the heap, no flags of the JVM.
 */
public final class ArrowIpc {
  private static final int ROWS_MIN = 2_048;

  private ArrowIpc() {}

  /**
   * Writes all rows of a scan as one stream, in bounded memory. The stream is not closed. If this
   * fails, what was written is a stream that readers refuse, not a shorter one.
   *
   * @throws IOException the stream cannot be written
   */
  public static void write(Scan scan, OutputStream out) throws IOException {
    try (Batches batches = scan.batches()) {
      write(batches.schema(), batches, out);
    }
  }

  /** Writes batches of these columns as one stream, as {@link #write(Scan, OutputStream)}. */
  public static void write(Schema schema, Iterable<Batch> batches, OutputStream out)
      throws IOException {
    StreamWriter writer = new StreamWriter(schema, out);
    // Batches of a few rows, as filters leave them, would be more head than body.
    List<Batch> small = new ArrayList<>();
    int rows = 0;
    for (Batch batch : batches) {
      if (batch.rows() > 0) {
        small.add(batch);
        rows += batch.rows();
      }
      if (rows >= ROWS_MIN) {
        writer.write(Batch.concat(small));
        small.clear();
        rows = 0;
      }
    }
    if (rows > 0) {
      writer.write(Batch.concat(small));
    }
    writer.end();
    out.flush();
  }

  /**
   * The rows of a stream or file as batches of a table's columns, one record batch after another.
   * Columns are matched by name, in any order; those that the table lacks are an error.
   *
   * <p>Any integer type goes into int and long if its values are in range, any unit of time if
   * nothing is lost, large and view strings and dictionaries into string, decimals of 32 to 256
   * bits into decimals of the same scale. Bodies compressed by zstd or LZ4 are read.
   *
   * @param table the columns that the rows are for
   * @throws io.datashard.error.SchemaMismatchException a column does not fit the table's; both
   *     types are named. Values that do not fit are reported by the iteration, with an {@link
   *     io.datashard.error.InvalidRowException}; a stream that is damaged or cut off with an {@link
   *     io.datashard.error.StorageException}
   */
  public static IncomingBatches read(InputStream in, Schema table) throws IOException {
    return new StreamReader(in, table);
  }

  /**
   * Appends the rows of a stream or file in one commit; see {@link #read}. A stream that is damaged
   * or cut off commits nothing.
   */
  public static Committed append(Table table, InputStream in) throws IOException {
    Schema schema = table.schema();
    try (Append append = table.newAppend().expecting(schema)) {
      return append.batches(read(in, schema)).commit();
    }
  }
}
