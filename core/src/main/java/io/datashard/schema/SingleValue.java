package io.datashard.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;

/**
 * Bounds as bytes and back. Spec: Iceberg table spec, Appendix D, "Binary single-value
 * serialization".
 */
public final class SingleValue {
  private SingleValue() {}

  /** The bytes of a value of the class that {@link Type} lists for reading. */
  public static byte[] toBytes(Type type, Object value) {
    return switch (type.kind()) {
      case BOOLEAN -> new byte[] {(byte) ((Boolean) value ? 1 : 0)};
      case INT -> ofInt((Integer) value);
      case LONG -> ofLong((Long) value);
      case FLOAT -> ofInt(Float.floatToIntBits((Float) value));
      case DOUBLE -> ofLong(Double.doubleToLongBits((Double) value));
      case DECIMAL -> ((BigDecimal) value).unscaledValue().toByteArray();
      case DATE -> ofInt(Values.days((LocalDate) value));
      case TIME -> ofLong(Values.micros((LocalTime) value));
      case TIMESTAMP -> ofLong(Values.micros((LocalDateTime) value));
      case TIMESTAMPTZ -> ofLong(Values.micros((Instant) value));
      case STRING -> ((String) value).getBytes(StandardCharsets.UTF_8);
      case UUID -> Values.bytes((UUID) value);
      case FIXED, BINARY -> ((byte[]) value).clone();
    };
  }

  /**
   * The value of these bytes, of the class that {@link Type} lists for reading. Bytes written
   * before a type was promoted (int to long, float to double, wider decimals) are read as what they
   * were.
   *
   * @throws IllegalArgumentException the bytes cannot be a value of this type
   */
  public static Object fromBytes(Type type, byte[] bytes) {
    return switch (type.kind()) {
      case BOOLEAN -> exactly(type, bytes, 1)[0] != 0;
      case INT -> little(exactly(type, bytes, 4)).getInt();
      case LONG -> bytes.length == 4 ? (long) little(bytes).getInt() : asLong(type, bytes);
      case FLOAT -> little(exactly(type, bytes, 4)).getFloat();
      case DOUBLE ->
          bytes.length == 4
              ? (double) little(bytes).getFloat()
              : little(exactly(type, bytes, 8)).getDouble();
      case DECIMAL -> decimal((Type.Decimal) type, bytes);
      case DATE -> Values.date(little(exactly(type, bytes, 4)).getInt());
      case TIME -> time(type, bytes);
      case TIMESTAMP -> Values.timestamp(asLong(type, bytes));
      case TIMESTAMPTZ -> Values.instant(asLong(type, bytes));
      case STRING -> new String(bytes, StandardCharsets.UTF_8);
      case UUID -> Values.uuid(exactly(type, bytes, 16), 0);
      case FIXED, BINARY -> bytes.clone(); // a bound of a fixed may be truncated
    };
  }

  private static Object time(Type type, byte[] bytes) {
    try {
      return Values.time(asLong(type, bytes));
    } catch (java.time.DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException("These bytes are no value of type time.", e);
    }
  }

  private static BigDecimal decimal(Type.Decimal type, byte[] bytes) {
    if (bytes.length == 0 || bytes.length > 16) {
      throw wrongLength(type, bytes);
    }
    return new BigDecimal(new BigInteger(bytes), type.scale());
  }

  private static long asLong(Type type, byte[] bytes) {
    return little(exactly(type, bytes, 8)).getLong();
  }

  private static byte[] exactly(Type type, byte[] bytes, int length) {
    if (bytes.length != length) {
      throw wrongLength(type, bytes);
    }
    return bytes;
  }

  private static IllegalArgumentException wrongLength(Type type, byte[] bytes) {
    return new IllegalArgumentException(bytes.length + " bytes are no value of type " + type + ".");
  }

  private static byte[] ofInt(int value) {
    return little(new byte[4]).putInt(value).array();
  }

  private static byte[] ofLong(long value) {
    return little(new byte[8]).putLong(value).array();
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
