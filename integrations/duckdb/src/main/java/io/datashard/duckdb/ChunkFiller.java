package io.datashard.duckdb;

import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import org.duckdb.DuckDBWritableVector;
import org.jspecify.annotations.Nullable;

/** Writes rows of our columns into DuckDB's vectors. */
final class ChunkFiller {
  private static final byte[] HEX =
      "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII);

  private ChunkFiller() {}

  /** Writes {@code count} rows from {@code from} to the front of the vector. */
  static void fill(DuckDBWritableVector into, Column column, int from, int count) {
    switch (column.type().kind()) {
      case STRING, FIXED, BINARY -> texts(into, (BytesColumn) column, from, count);
      default -> {
        for (int i = 0; i < count; i++) {
          if (column.isNull(from + i)) {
            into.setNull(i);
          } else {
            value(into, i, column, from + i);
          }
        }
      }
    }
  }

  private static void value(DuckDBWritableVector into, int at, Column column, int row) {
    if (column instanceof LongColumn longs) {
      if (column.type() instanceof Type.Decimal decimal) {
        into.setBigDecimal(at, BigDecimal.valueOf(longs.get(row), decimal.scale()));
      } else {
        into.setLong(at, longs.get(row));
      }
    } else if (column instanceof IntColumn ints) {
      into.setInt(at, ints.get(row));
    } else if (column instanceof DoubleColumn doubles) {
      into.setDouble(at, doubles.get(row));
    } else if (column instanceof FloatColumn floats) {
      into.setFloat(at, floats.get(row));
    } else if (column instanceof BooleanColumn booleans) {
      into.setBoolean(at, booleans.get(row));
    } else if (column.type() == Type.UUID) {
      into.setUHugeInt(at, new BigInteger(1, ((BytesColumn) column).copy(row)));
    } else {
      into.setBigDecimal(at, (BigDecimal) column.value(row));
    }
  }

  /** Texts cross in one call; entries that rows share are copied once. */
  private static void texts(DuckDBWritableVector into, BytesColumn column, int from, int count) {
    boolean hex = column.type() != Type.STRING;
    byte @Nullable [][] shared = column.isDictionary() ? new byte[column.entries()][] : null;
    byte[][] values = new byte[count][];
    for (int i = 0; i < count; i++) {
      int row = from + i;
      if (column.isNull(row)) {
        continue;
      }
      int entry = column.code(row);
      byte[] value = shared == null ? null : shared[entry];
      if (value == null) {
        value = Arrays.copyOfRange(column.bytes(), column.start(entry), column.end(entry));
        value = hex ? hex(value) : value;
        if (shared != null) {
          shared[entry] = value;
        }
      }
      values[i] = value;
    }
    into.setStringUtf8Batch(0, values);
  }

  private static byte[] hex(byte[] bytes) {
    byte[] text = new byte[Math.multiplyExact(bytes.length, 2)];
    for (int i = 0; i < bytes.length; i++) {
      text[2 * i] = HEX[bytes[i] >> 4 & 15];
      text[2 * i + 1] = HEX[bytes[i] & 15];
    }
    return text;
  }
}
