package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import java.math.BigInteger;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The values of predicates as a file's column stores them, in plain encoding without a length: what
 * Bloom filters are asked for. Where one value can be stored in ways that cannot all be named,
 * nothing is said.
 */
final class StoredValues {
  private static final byte[][] NONE = {};

  private StoredValues() {}

  /** Whether every stored form of a value can be named. */
  static boolean areKnown(FileColumn column, Type wanted) {
    Conversion conversion = column.conversionTo(wanted);
    org.apache.parquet.format.Type physical = column.physical();
    if (conversion == null || physical == null) {
      return false;
    }
    boolean oneForm =
        physical != org.apache.parquet.format.Type.BYTE_ARRAY
            || wanted.kind()
                != Type.Kind.DECIMAL; // these may have leading signs, as many as one likes
    return switch (conversion) {
      case SAME, BYTES_TO_LONG -> oneForm && physical != org.apache.parquet.format.Type.BOOLEAN;
      case INT_TO_LONG,
          UINT_TO_LONG,
          ULONG_TO_LONG,
          FLOAT_TO_DOUBLE,
          MILLIS_TO_MICROS,
          NANOS_TO_MICROS,
          INT_MILLIS_TO_MICROS,
          INT_TO_BYTES,
          LONG_TO_BYTES ->
          true;
      // Several days and times are the same instant; several halves may be the same to a writer.
      case INT96_TO_MICROS, HALF_TO_FLOAT -> false;
    };
  }

  /**
   * All stored forms of a value; none if no stored value is this one; null if they are not known.
   *
   * @param literal of the class that {@link Type} lists, no NaN
   */
  static byte @Nullable [][] of(FileColumn column, Type wanted, Object literal) {
    Conversion conversion = column.conversionTo(wanted);
    if (conversion == null || !areKnown(column, wanted)) {
      return null;
    }
    return switch (wanted.kind()) {
      case BOOLEAN -> null;
      case FLOAT, DOUBLE -> floating(conversion, wanted, ((Number) literal).doubleValue());
      case STRING, UUID, FIXED, BINARY -> new byte[][] {StoredLiterals.bytes(wanted, literal)};
      case DECIMAL -> decimal(column, StoredLiterals.unscaled(wanted, literal));
      case INT, DATE, LONG, TIME, TIMESTAMP, TIMESTAMPTZ ->
          whole(column, conversion, StoredLiterals.number(wanted, literal));
    };
  }

  private static byte[][] whole(FileColumn column, Conversion conversion, long value) {
    return switch (conversion) {
      case SAME -> little(value, width(column));
      case INT_TO_LONG -> value == (int) value ? little(value, 4) : NONE;
      case UINT_TO_LONG -> value >>> 32 == 0 ? little(value, 4) : NONE;
      case ULONG_TO_LONG -> value >= 0 ? little(value, 8) : NONE;
      case MILLIS_TO_MICROS -> value % 1_000 == 0 ? little(value / 1_000, 8) : NONE;
      case INT_MILLIS_TO_MICROS -> value % 1_000 == 0 ? little(value / 1_000, 4) : NONE;
      case NANOS_TO_MICROS ->
          Math.multiplyHigh(value, 1_000L) == value * 1_000 >> 63 ? little(value * 1_000, 8) : NONE;
      default -> throw new IllegalStateException("no whole numbers by " + conversion);
    };
  }

  private static int width(FileColumn column) {
    return column.physical() == org.apache.parquet.format.Type.INT32 ? 4 : 8;
  }

  /** Both zeros are equal to either. */
  private static byte[][] floating(Conversion conversion, Type wanted, double value) {
    boolean single = wanted == Type.FLOAT || conversion == Conversion.FLOAT_TO_DOUBLE;
    if (single && (float) value != value) {
      return NONE;
    }
    if (value == 0) {
      return single
          ? new byte[][] {
            bytes(Float.floatToRawIntBits(0.0f), 4), bytes(Float.floatToRawIntBits(-0.0f), 4)
          }
          : new byte[][] {
            bytes(Double.doubleToRawLongBits(0.0), 8), bytes(Double.doubleToRawLongBits(-0.0), 8)
          };
    }
    return single
        ? little(Float.floatToRawIntBits((float) value), 4)
        : little(Double.doubleToRawLongBits(value), 8);
  }

  private static byte[][] decimal(FileColumn column, BigInteger value) {
    int width =
        switch (java.util.Objects.requireNonNull(column.physical())) {
          case INT32 -> 4;
          case INT64 -> 8;
          default -> column.length();
        };
    if (value.bitLength() >= 8 * width) {
      return NONE;
    }
    if (column.physical() != org.apache.parquet.format.Type.FIXED_LEN_BYTE_ARRAY) {
      return little(value.longValueExact(), width);
    }
    byte[] shortest = value.toByteArray();
    byte[] padded = new byte[width];
    Arrays.fill(padded, (byte) (value.signum() < 0 ? -1 : 0));
    System.arraycopy(shortest, 0, padded, width - shortest.length, shortest.length);
    return new byte[][] {padded};
  }

  private static byte[][] little(long value, int width) {
    return new byte[][] {bytes(value, width)};
  }

  private static byte[] bytes(long value, int width) {
    byte[] bytes = new byte[width];
    for (int i = 0; i < width; i++) {
      bytes[i] = (byte) (value >>> 8 * i);
    }
    return bytes;
  }
}
