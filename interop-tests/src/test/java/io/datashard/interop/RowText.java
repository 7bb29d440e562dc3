package io.datashard.interop;

import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoField;
import java.util.HexFormat;
import java.util.StringJoiner;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Rows as text, one line each, the same text that {@code rows.py} makes of them.
 *
 * <p>A cell is exact: floating point numbers by their bits (one NaN), decimals with all digits,
 * dates as days, times as microseconds, bytes as hex. Cells are joined by U+001F; a backslash, a
 * line end and that separator are escaped in strings; null is {@code \N}.
 */
final class RowText {
  static final char SEPARATOR = '\u001f';
  static final String NULL = "\\N";

  private RowText() {}

  /** The line of a row of a batch. */
  static String of(Batch batch, int row) {
    StringBuilder line = new StringBuilder(16 * batch.columns().size());
    for (int i = 0; i < batch.columns().size(); i++) {
      if (i > 0) {
        line.append(SEPARATOR);
      }
      line.append(cell(batch.schema().field(i).type(), batch.column(i).value(row)));
    }
    return line.toString();
  }

  /** The text of one value; takes the classes that DataShard and iceberg-core read. */
  static String cell(Type type, @Nullable Object value) {
    if (value == null) {
      return NULL;
    }
    return switch (type.kind()) {
      case BOOLEAN -> String.valueOf((boolean) value);
      case INT -> String.valueOf((int) value);
      case LONG -> String.valueOf((long) value);
      case FLOAT -> String.valueOf(Float.floatToIntBits((float) value));
      case DOUBLE -> String.valueOf(Double.doubleToLongBits((double) value));
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      case DATE -> String.valueOf(((LocalDate) value).toEpochDay());
      case TIME -> String.valueOf(((LocalTime) value).getLong(ChronoField.MICRO_OF_DAY));
      case TIMESTAMP -> String.valueOf(micros(((LocalDateTime) value).toInstant(ZoneOffset.UTC)));
      case TIMESTAMPTZ ->
          String.valueOf(
              micros(value instanceof OffsetDateTime zoned ? zoned.toInstant() : (Instant) value));
      case STRING -> escaped(value.toString());
      case UUID -> ((UUID) value).toString();
      case FIXED, BINARY ->
          value instanceof ByteBuffer buffer
              ? HexFormat.of().formatHex(bytes(buffer))
              : HexFormat.of().formatHex((byte[]) value);
    };
  }

  static long micros(Instant instant) {
    long seconds = instant.getEpochSecond();
    int micros = instant.getNano() / 1_000;
    // The second that holds Long.MIN_VALUE microseconds begins before it.
    return seconds < 0
        ? Math.addExact(Math.multiplyExact(seconds + 1, 1_000_000L), micros - 1_000_000L)
        : Math.addExact(Math.multiplyExact(seconds, 1_000_000L), micros);
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  private static String escaped(String text) {
    StringBuilder out = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char instead =
          switch (c) {
            case '\\' -> '\\';
            case '\n' -> 'n';
            case '\r' -> 'r';
            case SEPARATOR -> 'x';
            default -> 0;
          };
      if (instead != 0 && out == null) {
        out = new StringBuilder(text.length() + 8).append(text, 0, i);
      }
      if (out != null) {
        if (instead != 0) {
          out.append('\\').append(instead);
        } else {
          out.append(c);
        }
      }
    }
    return out == null ? text : out.toString();
  }

  /** A line for people: names, and floating point numbers as such. */
  static String shown(Schema schema, String line) {
    String[] cells = line.split(String.valueOf(SEPARATOR), -1);
    StringJoiner text = new StringJoiner(", ", "(", ")");
    for (int i = 0; i < cells.length; i++) {
      if (i >= schema.size()) {
        text.add("? = " + cells[i]);
        continue;
      }
      Type type = schema.field(i).type();
      String cell = cells[i];
      if (!cell.equals(NULL) && type == Type.FLOAT) {
        cell = Float.intBitsToFloat(Integer.parseInt(cell)) + "f";
      } else if (!cell.equals(NULL) && type == Type.DOUBLE) {
        cell = String.valueOf(Double.longBitsToDouble(Long.parseLong(cell)));
      } else if (cell.length() > 60) {
        cell = cell.substring(0, 57) + "... " + cell.length() + " chars";
      }
      text.add(schema.field(i).name() + " = " + cell);
    }
    return text.toString();
  }
}
