package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A batch as bytes, for another process of this machine that has the same schema: not for storing.
 *
 * <p>Little-endian: the number of rows (4 bytes); for each column whether rows are null (1 byte),
 * if so the validity words, and the values: fixed-width ones as an array, others as the length of
 * each (4 bytes, 0 for null) followed by all their bytes.
 */
public final class BatchCodec {
  private BatchCodec() {}

  /** How many bytes {@link #write} takes. */
  public static long size(Batch batch) {
    long size = Integer.BYTES;
    for (Column column : batch.columns()) {
      size += 1;
      if (column.nullCount() > 0) {
        size += (long) Validity.words(column.size()) * Long.BYTES;
      }
      if (column instanceof BytesColumn bytes) {
        for (int row = 0; row < column.size(); row++) {
          size += Integer.BYTES + lengthOf(bytes, row);
        }
      } else {
        size += (long) widthOf(column) * column.size();
      }
    }
    return size;
  }

  private static int widthOf(Column column) {
    if (column instanceof BooleanColumn) {
      return 1;
    }
    return column instanceof IntColumn || column instanceof FloatColumn
        ? Integer.BYTES
        : Long.BYTES;
  }

  private static int lengthOf(BytesColumn column, int row) {
    if (column.isNull(row)) {
      return 0;
    }
    int entry = column.code(row);
    return column.end(entry) - column.start(entry);
  }

  /** Writes the batch; the buffer becomes little-endian and must have room. */
  public static void write(Batch batch, ByteBuffer out) {
    out.order(ByteOrder.LITTLE_ENDIAN);
    out.putInt(batch.rows());
    for (Column column : batch.columns()) {
      long[] validity = column.validity();
      boolean nulls = column.nullCount() > 0;
      out.put((byte) (nulls ? 1 : 0));
      if (nulls && validity != null) {
        for (int i = 0; i < Validity.words(column.size()); i++) {
          out.putLong(validity[i]);
        }
      }
      writeValues(column, out);
    }
  }

  private static void writeValues(Column column, ByteBuffer out) {
    int rows = column.size();
    if (column instanceof BooleanColumn booleans) {
      for (int i = 0; i < rows; i++) {
        out.put((byte) (booleans.get(i) ? 1 : 0));
      }
    } else if (column instanceof IntColumn ints) {
      out.asIntBuffer().put(ints.values(), 0, rows);
      skip(out, (long) rows * Integer.BYTES);
    } else if (column instanceof LongColumn longs) {
      out.asLongBuffer().put(longs.values(), 0, rows);
      skip(out, (long) rows * Long.BYTES);
    } else if (column instanceof FloatColumn floats) {
      out.asFloatBuffer().put(floats.values(), 0, rows);
      skip(out, (long) rows * Float.BYTES);
    } else if (column instanceof DoubleColumn doubles) {
      out.asDoubleBuffer().put(doubles.values(), 0, rows);
      skip(out, (long) rows * Double.BYTES);
    } else {
      writeBytes((BytesColumn) column, out);
    }
  }

  private static void writeBytes(BytesColumn column, ByteBuffer out) {
    for (int row = 0; row < column.size(); row++) {
      out.putInt(lengthOf(column, row));
    }
    for (int row = 0; row < column.size(); row++) {
      if (!column.isNull(row)) {
        int entry = column.code(row);
        out.put(column.bytes(), column.start(entry), column.end(entry) - column.start(entry));
      }
    }
  }

  private static void skip(ByteBuffer buffer, long bytes) {
    buffer.position(Math.addExact(buffer.position(), Math.toIntExact(bytes)));
  }

  /**
   * Reads a batch; nothing of it is believed before it was checked.
   *
   * @param in exactly one batch, from its position to its limit
   * @throws IllegalArgumentException these bytes are no batch of this schema, or one of its values
   *     cannot be in such a column
   */
  public static Batch read(Schema schema, ByteBuffer in) {
    ByteBuffer from = in.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      int rows = from.getInt();
      if (rows < 0 || schema.size() > 0 && rows > from.remaining()) {
        throw new IllegalArgumentException("it claims " + rows + " rows");
      }
      List<Column> columns = new ArrayList<>(schema.size());
      for (Field field : schema.fields()) {
        Column column = readColumn(field.type(), rows, from);
        if (field.required() && column.nullCount() > 0) {
          throw new IllegalArgumentException("nulls in the required column " + field.name());
        }
        columns.add(column);
      }
      if (from.hasRemaining()) {
        throw new IllegalArgumentException(from.remaining() + " bytes are left over");
      }
      return new Batch(schema, rows, columns);
    } catch (BufferUnderflowException e) {
      throw new IllegalArgumentException("it ends too early", e);
    }
  }

  private static Column readColumn(Type type, int rows, ByteBuffer in) {
    byte nulls = in.get();
    long @Nullable [] validity = null;
    if (nulls == 1) {
      validity = new long[Validity.words(rows)];
      in.asLongBuffer().get(validity);
      skipChecked(in, (long) validity.length * Long.BYTES);
    } else if (nulls != 0) {
      throw new IllegalArgumentException("a column begins with " + nulls);
    }
    return switch (type.kind()) {
      case BOOLEAN -> new BooleanColumn(type, booleans(rows, in), rows, validity);
      case INT, DATE -> {
        int[] values = new int[rows];
        in.asIntBuffer().get(values);
        skipChecked(in, (long) rows * Integer.BYTES);
        yield new IntColumn(type, values, rows, validity);
      }
      case FLOAT -> {
        float[] values = new float[rows];
        in.asFloatBuffer().get(values);
        skipChecked(in, (long) rows * Float.BYTES);
        yield new FloatColumn(type, values, rows, validity);
      }
      case DOUBLE -> {
        double[] values = new double[rows];
        in.asDoubleBuffer().get(values);
        skipChecked(in, (long) rows * Double.BYTES);
        yield new DoubleColumn(type, values, rows, validity);
      }
      case LONG, TIME, TIMESTAMP, TIMESTAMPTZ -> longs(type, rows, in, validity);
      case DECIMAL ->
          type instanceof Type.Decimal decimal && decimal.fitsLong()
              ? longs(type, rows, in, validity)
              : bytes(type, rows, in, validity);
      case STRING, UUID, FIXED, BINARY -> bytes(type, rows, in, validity);
    };
  }

  private static boolean[] booleans(int rows, ByteBuffer in) {
    boolean[] values = new boolean[rows];
    for (int i = 0; i < rows; i++) {
      values[i] = in.get() != 0;
    }
    return values;
  }

  private static LongColumn longs(Type type, int rows, ByteBuffer in, long @Nullable [] validity) {
    long[] values = new long[rows];
    in.asLongBuffer().get(values);
    skipChecked(in, (long) rows * Long.BYTES);
    return new LongColumn(type, values, rows, validity);
  }

  private static void skipChecked(ByteBuffer in, long bytes) {
    if (bytes > in.remaining()) {
      throw new BufferUnderflowException();
    }
    skip(in, bytes);
  }

  private static BytesColumn bytes(Type type, int rows, ByteBuffer in, long @Nullable [] validity) {
    int[] offsets = new int[rows + 1];
    long end = 0;
    for (int i = 0; i < rows; i++) {
      int length = in.getInt();
      end += length;
      if (length < 0 || end > in.capacity()) {
        throw new IllegalArgumentException("a value of " + length + " bytes");
      }
      offsets[i + 1] = (int) end;
    }
    if (end > in.remaining()) {
      throw new BufferUnderflowException();
    }
    byte[] values = new byte[(int) end];
    in.get(values);
    BytesColumn column = BytesColumn.plain(type, values, offsets, rows, validity);
    for (int i = 0; i < rows; i++) {
      if (!column.isNull(i)) {
        check(type, values, offsets[i], offsets[i + 1] - offsets[i]);
      }
    }
    return column;
  }

  private static void check(Type type, byte[] values, int start, int length) {
    int wanted =
        switch (type.kind()) {
          case UUID -> 16;
          case FIXED -> type instanceof Type.Fixed fixed ? fixed.length() : length;
          default -> length;
        };
    if (length != wanted) {
      throw new IllegalArgumentException("a value of " + length + " bytes for " + type);
    }
    if (type == Type.STRING) {
      try {
        StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(values, start, length));
      } catch (CharacterCodingException e) {
        throw new IllegalArgumentException("a string that is no UTF-8", e);
      }
    }
  }
}
