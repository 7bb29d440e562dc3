package io.datashard.internal.parquet;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import org.apache.parquet.format.Statistics;
import org.jspecify.annotations.Nullable;

/**
 * What a file's own statistics say, as facts that a predicate can be held against. What cannot be
 * trusted is left out. Spec: {@code parquet.thrift}, {@code Statistics} and {@code ColumnOrder}.
 */
final class Stats {
  private Stats() {}

  /**
   * The facts of a column chunk or page.
   *
   * @param wanted the type that the column is read as
   * @param rows nulls included
   * @param ordered whether the file says that bounds follow the order that the format defines
   */
  static Facts facts(
      FileColumn column, Type wanted, long rows, @Nullable Statistics stats, boolean ordered) {
    long nulls = column.required() ? 0 : -1;
    if (stats == null) {
      return new Facts(rows, nulls, nans(wanted), null, null);
    }
    if (nulls < 0 && stats.isSetNull_count() && inside(stats.getNull_count(), rows)) {
      nulls = stats.getNull_count();
    }
    ByteBuffer lower = null;
    ByteBuffer upper = null;
    if (ordered && stats.isSetMin_value() && stats.isSetMax_value()) {
      lower = stats.bufferForMin_value();
      upper = stats.bufferForMax_value();
    } else if (stats.isSetMin() && stats.isSetMax() && signed(column)) {
      // The deprecated bounds are compared as signed numbers, whatever the type.
      lower = stats.bufferForMin();
      upper = stats.bufferForMax();
    }
    return bounded(column, wanted, rows, nulls, lower, upper);
  }

  /** Facts with these bounds, as far as they make sense. */
  static Facts bounded(
      FileColumn column,
      Type wanted,
      long rows,
      long nulls,
      @Nullable ByteBuffer lowerBytes,
      @Nullable ByteBuffer upperBytes) {
    @Nullable Object lower = lowerBytes == null ? null : value(column, wanted, lowerBytes, false);
    @Nullable Object upper = upperBytes == null ? null : value(column, wanted, upperBytes, true);
    if (lower == null || upper == null) { // one that makes no sense says that the other may not
      return new Facts(rows, nulls, nans(wanted), null, null);
    }
    return new Facts(rows, nulls, nans(wanted), lower, upper);
  }

  /** All rows are null. */
  static Facts onlyNulls(long rows) {
    return new Facts(rows, rows, 0, null, null);
  }

  private static boolean inside(long count, long rows) {
    return count >= 0 && count <= rows;
  }

  private static long nans(Type type) {
    return type == Type.FLOAT || type == Type.DOUBLE ? -1 : 0;
  }

  private static boolean signed(FileColumn column) {
    if (column.meaning() == FileColumn.Meaning.UNSIGNED_32
        || column.meaning() == FileColumn.Meaning.UNSIGNED_64) {
      return false;
    }
    return column.physical() != null
        && switch (column.physical()) {
          case BOOLEAN, INT32, INT64, FLOAT, DOUBLE -> true;
          case INT96, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
        };
  }

  /**
   * A bound in the plain encoding as a value of the class that Type lists, or null if it is none.
   *
   * @param upper whether a value that falls between two of the wanted type is rounded up
   */
  static @Nullable Object value(FileColumn column, Type wanted, ByteBuffer plain, boolean upper) {
    Conversion conversion = column.conversionTo(wanted);
    if (conversion == null || column.physical() == null) {
      return null;
    }
    ByteBuffer bytes = plain.slice().order(ByteOrder.LITTLE_ENDIAN);
    try {
      return switch (column.physical()) {
        case BOOLEAN -> bytes.remaining() == 1 ? (Object) (bytes.get() != 0) : null;
        case INT32 -> bytes.remaining() == 4 ? ofInt(conversion, wanted, bytes.getInt()) : null;
        case INT64 ->
            bytes.remaining() == 8 ? ofLong(conversion, wanted, bytes.getLong(), upper) : null;
        case FLOAT -> bytes.remaining() == 4 ? ofFloat(wanted, bytes.getFloat(), upper) : null;
        case DOUBLE -> bytes.remaining() == 8 ? ofDouble(bytes.getDouble(), upper) : null;
        case INT96 -> null; // has no defined order
        case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> ofBytes(column, conversion, wanted, bytes);
      };
    } catch (ArithmeticException | DateTimeException | CharacterCodingException e) {
      return null;
    }
  }

  private static @Nullable Object ofInt(Conversion conversion, Type wanted, int value) {
    return conversion == Conversion.SAME
        ? wanted == Type.DATE ? Values.date(value) : (Object) value
        : switch (conversion) {
          case INT_TO_LONG, INT_TO_BYTES -> stored(wanted, value);
          case UINT_TO_LONG -> stored(wanted, Integer.toUnsignedLong(value));
          case INT_MILLIS_TO_MICROS -> stored(wanted, value * 1_000L);
          default -> null;
        };
  }

  private static @Nullable Object ofLong(
      Conversion conversion, Type wanted, long value, boolean upper) {
    return switch (conversion) {
      case SAME, LONG_TO_BYTES -> stored(wanted, value);
      case ULONG_TO_LONG -> value < 0 ? null : stored(wanted, value);
      case MILLIS_TO_MICROS -> stored(wanted, Math.multiplyExact(value, 1_000L));
      case NANOS_TO_MICROS ->
          stored(wanted, upper ? -Math.floorDiv(-value, 1_000L) : Math.floorDiv(value, 1_000L));
      default -> null;
    };
  }

  /** The value of a type whose columns hold this number. */
  private static Object stored(Type wanted, long value) {
    return switch (wanted.kind()) {
      case TIME -> Values.time(value);
      case TIMESTAMP -> Values.timestamp(value);
      case TIMESTAMPTZ -> Values.instant(value);
      case DECIMAL -> BigDecimal.valueOf(value, ((Type.Decimal) wanted).scale());
      default -> value;
    };
  }

  /** Writers disagree on the order of the two zeros, so each bound takes in both. */
  private static @Nullable Object ofFloat(Type wanted, float value, boolean upper) {
    if (Float.isNaN(value)) {
      return null;
    }
    float bound = value == 0 ? (upper ? 0.0f : -0.0f) : value;
    return wanted == Type.DOUBLE ? (Object) (double) bound : (Object) bound;
  }

  private static @Nullable Object ofDouble(double value, boolean upper) {
    if (Double.isNaN(value)) {
      return null;
    }
    return value == 0 ? (upper ? 0.0 : -0.0) : value;
  }

  private static @Nullable Object ofBytes(
      FileColumn column, Conversion conversion, Type wanted, ByteBuffer bytes)
      throws CharacterCodingException {
    if (conversion == Conversion.HALF_TO_FLOAT) {
      return null;
    }
    byte[] value = new byte[bytes.remaining()];
    bytes.get(value);
    return switch (wanted.kind()) {
      case STRING -> StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(value)).toString();
      case DECIMAL -> {
        boolean whole = column.length() == 0 ? value.length > 0 : value.length == column.length();
        yield whole ? new BigDecimal(new BigInteger(value), ((Type.Decimal) wanted).scale()) : null;
      }
      case UUID -> value.length == 16 ? Values.uuid(value, 0) : null;
      default -> value;
    };
  }
}
