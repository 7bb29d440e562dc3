package io.datashard;

import io.datashard.data.Batch;
import io.datashard.internal.rows.StreamedFile;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.OutputStream;

/**
 * Rows as one Parquet file, written into a stream front to back, in bounded memory: some 16 MB of
 * encoded rows and what the columns' open pages take.
 */
public final class ParquetOutput {
  private ParquetOutput() {}

  /**
   * Writes all rows of a scan. The stream is flushed, not closed. If this fails, what was written
   * has no footer: readers refuse it.
   *
   * @throws IOException the stream cannot be written
   */
  public static void write(Scan scan, OutputStream out) throws IOException {
    try (Batches batches = scan.batches()) {
      write(batches.schema(), batches, out);
    }
  }

  /** Writes batches of these columns, as {@link #write(Scan, OutputStream)} does. */
  public static void write(Schema schema, Iterable<Batch> batches, OutputStream out)
      throws IOException {
    StreamedFile.write(schema, batches, out);
  }
}
