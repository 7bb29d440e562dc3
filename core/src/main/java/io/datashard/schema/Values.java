package io.datashard.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The Java value of each type: what is accepted, what is refused, and its stored form.
 *
 * <p>Stored forms. Spec: Iceberg table spec, "Primitive Types": date as days, time and timestamps
 * as microseconds since 1970-01-01, uuid and decimals as big-endian bytes.
 */
public final class Values {
  private static final long MICROS_PER_SECOND = 1_000_000L;
  private static final BigInteger LONG_MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger LONG_MAX = BigInteger.valueOf(Long.MAX_VALUE);

  private Values() {}

  /**
   * The value as {@link Type} lists it for reading; exact or refused.
   *
   * @return a value of the class that rows of this type are read as; byte arrays are not copied
   * @throws IllegalArgumentException the type cannot hold exactly this value; the message says why,
   *     with the value
   */
  public static Object canonical(Type type, Object value) {
    return switch (type.kind()) {
      case BOOLEAN -> value instanceof Boolean ? value : refuse(type, value);
      case INT -> value instanceof Integer ? value : (Object) toInt(type, value);
      case LONG -> value instanceof Long ? value : (Object) toLong(type, value);
      case FLOAT -> value instanceof Float ? value : (Object) toFloat(type, value);
      case DOUBLE -> value instanceof Double ? value : (Object) toDouble(type, value);
      case DECIMAL -> toDecimal((Type.Decimal) type, value);
      case DATE -> value instanceof LocalDate date ? checked(date) : refuse(type, value);
      case TIME ->
          value instanceof LocalTime time
              ? time.truncatedTo(ChronoUnit.MICROS)
              : refuse(type, value);
      case TIMESTAMP ->
          value instanceof LocalDateTime time ? timestamp(micros(time)) : refuse(type, value);
      case TIMESTAMPTZ -> instant(micros(toInstant(type, value)));
      case STRING -> value instanceof String text ? checked(text) : refuse(type, value);
      case UUID -> value instanceof UUID ? value : refuse(type, value);
      case FIXED -> toFixed((Type.Fixed) type, value);
      case BINARY -> toBytes(type, value);
    };
  }

  private static Object refuse(Type type, Object value) {
    throw new IllegalArgumentException(
        type + " cannot hold " + describe(value) + (value instanceof String ? hint(type) : ""));
  }

  private static String hint(Type type) {
    return switch (type.kind()) {
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, DECIMAL -> "; text is not turned into numbers";
      default -> "";
    };
  }

  /** The value with its class, shortened, for messages. */
  public static String describe(Object value) {
    String text;
    if (value instanceof byte[] bytes) {
      text = bytes.length + " bytes";
    } else if (value instanceof String s) {
      text = "'" + s + "'";
    } else {
      text = String.valueOf(value);
    }
    if (text.length() > 80) {
      text = text.substring(0, 77) + "...";
    }
    return value.getClass().getSimpleName() + " " + text;
  }

  private static long toLong(Type type, Object value) {
    if (value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte) {
      return ((Number) value).longValue();
    }
    if (value instanceof BigInteger big
        && big.compareTo(LONG_MIN) >= 0
        && big.compareTo(LONG_MAX) <= 0) {
      return big.longValue();
    }
    refuse(type, value);
    throw new AssertionError();
  }

  private static int toInt(Type type, Object value) {
    long wide = toLong(type, value);
    if (wide != (int) wide) {
      refuse(type, value);
    }
    return (int) wide;
  }

  private static double toDouble(Type type, Object value) {
    if (value instanceof Double || value instanceof Float) {
      return ((Number) value).doubleValue();
    }
    long whole = toLong(type, value);
    double narrow = (double) whole;
    // Long.MAX_VALUE rounds up to 2^63, which casts back to Long.MAX_VALUE: compare exactly.
    if (new BigDecimal(narrow).compareTo(BigDecimal.valueOf(whole)) != 0) {
      refuse(type, value);
    }
    return narrow;
  }

  private static float toFloat(Type type, Object value) {
    double wide = toDouble(type, value);
    float narrow = (float) wide;
    if (!Double.isNaN(wide) && Double.compare(narrow, wide) != 0) {
      refuse(type, value);
    }
    return narrow;
  }

  private static BigDecimal toDecimal(Type.Decimal type, Object value) {
    BigDecimal number;
    if (value instanceof BigDecimal big) {
      number = big;
    } else if (value instanceof BigInteger big) {
      number = new BigDecimal(big);
    } else {
      number = BigDecimal.valueOf(toLong(type, value));
    }
    if (number.scale() != type.scale()) {
      // A huge exponent would make setScale build a huge number; it cannot fit anyway.
      if (number.signum() == 0) {
        number = BigDecimal.ZERO;
      } else if ((long) number.precision() - number.scale() > type.precision() - type.scale()) {
        refuse(type, value);
      } else if ((long) number.scale() - type.scale() >= number.precision()) {
        // Its first digit lies beyond the last place; setScale would divide by a huge power of ten.
        throw tooFine(type, value, null);
      }
      try {
        number = number.setScale(type.scale(), RoundingMode.UNNECESSARY);
      } catch (ArithmeticException e) {
        throw tooFine(type, value, e);
      }
    }
    if (number.precision() > type.precision()) {
      refuse(type, value);
    }
    return number;
  }

  private static IllegalArgumentException tooFine(
      Type type, Object value, @Nullable ArithmeticException cause) {
    return new IllegalArgumentException(
        type + " cannot hold " + describe(value) + ": too many digits after the point", cause);
  }

  private static Instant toInstant(Type type, Object value) {
    if (value instanceof Instant instant) {
      return instant;
    }
    if (value instanceof OffsetDateTime time) {
      return time.toInstant();
    }
    if (value instanceof ZonedDateTime time) {
      return time.toInstant();
    }
    refuse(type, value);
    throw new AssertionError();
  }

  private static byte[] toBytes(Type type, Object value) {
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return bytes;
    }
    refuse(type, value);
    throw new AssertionError();
  }

  private static byte[] toFixed(Type.Fixed type, Object value) {
    byte[] bytes = toBytes(type, value);
    if (bytes.length != type.length()) {
      refuse(type, value);
    }
    return bytes;
  }

  private static LocalDate checked(LocalDate date) {
    days(date);
    return date;
  }

  /** UTF-8 has no form for half a surrogate pair; an encoder would put '?' there in silence. */
  private static String checked(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
        if (!pair) {
          throw new IllegalArgumentException(
              "string cannot hold the lone surrogate U+"
                  + String.format("%04X", (int) c)
                  + " at "
                  + i);
        }
        i++;
      }
    }
    return text;
  }

  /** Days since 1970-01-01. */
  public static int days(LocalDate date) {
    long days = date.toEpochDay();
    if (days != (int) days) {
      throw new IllegalArgumentException("date cannot hold " + describe(date));
    }
    return (int) days;
  }

  /** Microseconds of the day; finer digits are cut. */
  public static long micros(LocalTime time) {
    return time.toNanoOfDay() / 1_000;
  }

  /** Microseconds since 1970-01-01T00:00; finer digits are cut towards the past. */
  public static long micros(LocalDateTime time) {
    try {
      return micros(time.toEpochSecond(ZoneOffset.UTC), time.getNano());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("timestamp cannot hold " + describe(time), e);
    }
  }

  /** Microseconds since 1970-01-01T00:00Z; finer digits are cut towards the past. */
  public static long micros(Instant instant) {
    try {
      return micros(instant.getEpochSecond(), instant.getNano());
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("timestamptz cannot hold " + describe(instant), e);
    }
  }

  private static long micros(long seconds, int nanos) {
    if (seconds < 0 && nanos > 0) { // so that the lowest instant does not overflow on the way
      return Math.addExact(
          Math.multiplyExact(seconds + 1, MICROS_PER_SECOND), nanos / 1_000 - MICROS_PER_SECOND);
    }
    return Math.addExact(Math.multiplyExact(seconds, MICROS_PER_SECOND), nanos / 1_000);
  }

  /** The date so many days after 1970-01-01. */
  public static LocalDate date(int days) {
    return LocalDate.ofEpochDay(days);
  }

  /**
   * The time of day so many microseconds after midnight.
   *
   * @throws java.time.DateTimeException no day has that time
   */
  public static LocalTime time(long micros) {
    return LocalTime.ofNanoOfDay(Math.multiplyExact(micros, 1_000));
  }

  /** The date and time so many microseconds after 1970-01-01T00:00. */
  public static LocalDateTime timestamp(long micros) {
    return LocalDateTime.ofEpochSecond(
        Math.floorDiv(micros, MICROS_PER_SECOND),
        (int) Math.floorMod(micros, MICROS_PER_SECOND) * 1_000,
        ZoneOffset.UTC);
  }

  /** The instant so many microseconds after 1970-01-01T00:00Z. */
  public static Instant instant(long micros) {
    return Instant.ofEpochSecond(
        Math.floorDiv(micros, MICROS_PER_SECOND), Math.floorMod(micros, MICROS_PER_SECOND) * 1_000);
  }

  /** The 16 bytes of a uuid, most significant first. */
  public static byte[] bytes(UUID uuid) {
    return ByteBuffer.allocate(16)
        .putLong(uuid.getMostSignificantBits())
        .putLong(uuid.getLeastSignificantBits())
        .array();
  }

  /** The uuid in the 16 bytes from {@code start}. */
  public static UUID uuid(byte[] bytes, int start) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes, start, 16);
    return new UUID(buffer.getLong(), buffer.getLong());
  }
}
