package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.internal.parquet.ParquetWriter;
import io.datashard.internal.parquet.WriteOptions;
import io.datashard.schema.Schema;
import io.datashard.storage.NewFile;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** A Parquet file that goes into a stream as it is written, not into a table. */
public final class StreamedFile {
  private StreamedFile() {}

  /**
   * Writes the rows of all batches as one file; the stream is flushed, not closed. What a failure
   * leaves behind has no footer, so nobody takes it for a file.
   */
  public static void write(Schema schema, Iterable<Batch> batches, OutputStream out)
      throws IOException {
    try (ParquetWriter writer = new ParquetWriter(new Stream(out), schema, WriteOptions.DEFAULT)) {
      for (Batch batch : batches) {
        writer.write(batch);
      }
      writer.finish();
      out.flush();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static final class Stream implements NewFile {
    private final OutputStream out;
    private long position;

    Stream(OutputStream out) {
      this.out = out;
    }

    @Override
    public String key() {
      return "stream";
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
      try {
        out.write(bytes, start, length);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      position += length;
    }

    @Override
    public long position() {
      return position;
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
