package io.datashard.arrow;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A batch as the body of an Arrow record batch: where each buffer lies, and its bytes. Spec: Arrow
 * columnar format, "Physical Memory Layout" and "RecordBatch message".
 *
 * <p>What lies in an array here and there alike is copied at once: numbers, dates, times, validity,
 * the offsets and bytes of plain strings, uuids. What does not is made in one pass over the column:
 * booleans become bits, decimals become 128 bits wide, strings that rows share through codes are
 * written out.
 */
final class BatchBody {
  private static final int ALIGNMENT = 64;
  private static final int DECIMAL_BYTES = 16;

  /** Bytes that a body has at most; a batch of more is cut. */
  static final long BYTES_MAX = 1L << 30;

  /** One buffer: where it starts in the body and how long it is without padding. */
  record Part(long offset, long length) {}

  private final Batch batch;
  private final List<Part> parts = new ArrayList<>();
  private long bytes;

  BatchBody(Batch batch) {
    this.batch = batch;
    for (Column column : batch.columns()) {
      lay(column);
    }
  }

  /** The batch, or, if its body were too long, its rows in several. */
  static List<BatchBody> of(Batch batch) {
    BatchBody whole = new BatchBody(batch);
    if (whole.bytes <= BYTES_MAX || batch.rows() < 2) {
      return List.of(whole);
    }
    int half = batch.rows() / 2;
    List<BatchBody> cut = new ArrayList<>(of(batch.slice(0, half)));
    cut.addAll(of(batch.slice(half, batch.rows())));
    return cut;
  }

  Batch batch() {
    return batch;
  }

  /** The buffers of all columns, in order. */
  List<Part> parts() {
    return parts;
  }

  /** The length of the body, a multiple of 8. */
  int bytes() {
    return Math.toIntExact(bytes);
  }

  private void part(long length) {
    parts.add(new Part(bytes, length));
    bytes += (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  private void lay(Column column) {
    long rows = column.size();
    part(column.nullCount() == 0 ? 0 : Validity.words(column.size()) * 8L);
    switch (column.type().kind()) {
      case BOOLEAN -> part(Validity.words(column.size()) * 8L);
      case INT, DATE, FLOAT -> part(rows * 4);
      case LONG, DOUBLE, TIME, TIMESTAMP, TIMESTAMPTZ -> part(rows * 8);
      case DECIMAL -> part(rows * DECIMAL_BYTES);
      case UUID, FIXED -> part(rows * width(column.type()));
      case STRING, BINARY -> {
        part((rows + 1) * 4);
        part(valueBytes((BytesColumn) column));
      }
    }
  }

  private static int width(Type type) {
    return type instanceof Type.Fixed fixed ? fixed.length() : 16;
  }

  private static long valueBytes(BytesColumn column) {
    int[] offsets = column.offsets();
    if (offsets != null) {
      return (long) offsets[column.size()] - offsets[0];
    }
    long total = 0;
    for (int row = 0; row < column.size(); row++) {
      if (!column.isNull(row)) {
        int entry = column.code(row);
        total += column.end(entry) - column.start(entry);
      }
    }
    return total;
  }

  /**
   * Writes the body.
   *
   * @param into from position 0, at least {@link #bytes} long; what lay there is overwritten
   */
  void write(ByteBuffer into) {
    into.clear().order(ByteOrder.LITTLE_ENDIAN);
    int part = 0;
    for (Column column : batch.columns()) {
      part = write(column, part, into);
    }
    into.clear().limit(bytes());
  }

  private ByteBuffer at(int part, ByteBuffer into) {
    Part where = parts.get(part);
    int end = Math.toIntExact(where.offset() + where.length());
    // The gap up to the next buffer is seen by readers too, and would show what lay there before.
    int padded = part + 1 < parts.size() ? (int) parts.get(part + 1).offset() : (int) bytes;
    for (int i = end; i < padded; i++) {
      into.put(i, (byte) 0);
    }
    return into.slice((int) where.offset(), (int) where.length()).order(ByteOrder.LITTLE_ENDIAN);
  }

  private int write(Column column, int first, ByteBuffer into) {
    ByteBuffer validity = at(first, into);
    long[] words = column.validity();
    if (validity.hasRemaining() && words != null) {
      validity.asLongBuffer().put(words, 0, Validity.words(column.size()));
    }
    ByteBuffer values = at(first + 1, into);
    int rows = column.size();
    switch (column.type().kind()) {
      case BOOLEAN -> bits(((BooleanColumn) column).values(), rows, values);
      case INT, DATE -> values.asIntBuffer().put(((IntColumn) column).values(), 0, rows);
      case FLOAT -> values.asFloatBuffer().put(((FloatColumn) column).values(), 0, rows);
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ ->
          values.asLongBuffer().put(((LongColumn) column).values(), 0, rows);
      case DOUBLE -> values.asDoubleBuffer().put(((DoubleColumn) column).values(), 0, rows);
      case DECIMAL -> decimals(column, values);
      case UUID, FIXED -> fixed((BytesColumn) column, width(column.type()), values);
      case STRING, BINARY -> {
        strings((BytesColumn) column, values, at(first + 2, into));
        return first + 3;
      }
    }
    return first + 2;
  }

  private static void bits(boolean[] values, int rows, ByteBuffer into) {
    for (int row = 0; row < rows; row += 64) {
      long word = 0;
      int end = Math.min(64, rows - row);
      for (int i = 0; i < end; i++) {
        word |= (values[row + i] ? 1L : 0L) << i;
      }
      into.putLong(word);
    }
  }

  private static void decimals(Column column, ByteBuffer into) {
    if (column instanceof LongColumn longs) {
      long[] values = longs.values();
      for (int row = 0; row < column.size(); row++) {
        into.putLong(values[row]).putLong(values[row] >> 63);
      }
      return;
    }
    BytesColumn bytes = (BytesColumn) column;
    for (int row = 0; row < column.size(); row++) {
      long low = 0;
      long high = 0;
      if (!column.isNull(row)) {
        int entry = bytes.code(row);
        int start = bytes.start(entry);
        int end = bytes.end(entry);
        high = end > start && bytes.bytes()[start] < 0 ? -1 : 0;
        low = high;
        for (int i = start; i < end; i++) {
          high = high << 8 | low >>> 56;
          low = low << 8 | bytes.bytes()[i] & 0xff;
        }
      }
      into.putLong(low).putLong(high);
    }
  }

  private static void fixed(BytesColumn column, int width, ByteBuffer into) {
    int rows = column.size();
    int[] offsets = column.offsets();
    if (offsets != null
        && offsets[rows] - offsets[0] == (long) rows * width
        && column.nullCount() == 0) {
      into.put(column.bytes(), offsets[0], rows * width);
      return;
    }
    for (int row = 0; row < rows; row++) {
      if (column.isNull(row)) {
        into.put(new byte[width]);
      } else {
        into.put(column.bytes(), column.start(column.code(row)), width);
      }
    }
  }

  private static void strings(BytesColumn column, ByteBuffer offsets, ByteBuffer bytes) {
    int rows = column.size();
    int[] starts = column.offsets();
    if (starts != null) {
      if (starts[0] == 0) {
        offsets.asIntBuffer().put(starts, 0, rows + 1);
      } else {
        for (int row = 0; row <= rows; row++) {
          offsets.putInt(starts[row] - starts[0]);
        }
      }
      bytes.put(column.bytes(), starts[0], bytes.remaining());
      return;
    }
    int at = 0;
    offsets.putInt(0);
    for (int row = 0; row < rows; row++) {
      if (!column.isNull(row)) {
        int entry = column.code(row);
        int start = column.start(entry);
        int length = column.end(entry) - start;
        bytes.put(column.bytes(), start, length);
        at += length;
      }
      offsets.putInt(at);
    }
  }
}
