package io.datashard.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;

/**
 * The arithmetic of partition transforms on stored forms: days, microseconds, unscaled decimals,
 * UTF-8. Spec: Iceberg table spec, "Partition Transforms" and Appendix B, "32-bit Hash
 * Requirements".
 */
public final class StoredTransforms {
  private static final long MICROS_PER_HOUR = 3_600_000_000L;
  private static final long MICROS_PER_DAY = 24 * MICROS_PER_HOUR;
  private static final int FIRST_MULTIPLIER = 0xcc9e2d51;
  private static final int SECOND_MULTIPLIER = 0x1b873593;

  private StoredTransforms() {}

  /** The bucket, from 0, of a value with this hash. */
  public static int bucket(int hash, int buckets) {
    return (hash & Integer.MAX_VALUE) % buckets;
  }

  /** The hash of an int, long, date, time or timestamp in its stored form. */
  public static int hash(long value) {
    int state = mix(mix(0, (int) value), (int) (value >>> 32));
    return finish(state, Long.BYTES);
  }

  /** The hash of a decimal: of the least bytes that hold its unscaled value. */
  public static int hash(BigInteger unscaled) {
    byte[] bytes = unscaled.toByteArray();
    return hash(bytes, 0, bytes.length);
  }

  /** Murmur3, 32 bits, x86, seed 0, of these bytes: of strings in UTF-8, uuids, binaries. */
  public static int hash(byte[] bytes, int start, int end) {
    int state = 0;
    int at = start;
    for (; end - at >= Integer.BYTES; at += Integer.BYTES) {
      state =
          mix(
              state,
              (bytes[at] & 0xff)
                  | (bytes[at + 1] & 0xff) << 8
                  | (bytes[at + 2] & 0xff) << 16
                  | bytes[at + 3] << 24);
    }
    int rest = 0;
    for (int i = end - 1; i >= at; i--) {
      rest = rest << 8 | (bytes[i] & 0xff);
    }
    return finish(at < end ? state ^ scramble(rest) : state, end - start);
  }

  private static int scramble(int word) {
    return Integer.rotateLeft(word * FIRST_MULTIPLIER, 15) * SECOND_MULTIPLIER;
  }

  private static int mix(int state, int word) {
    return Integer.rotateLeft(state ^ scramble(word), 13) * 5 + 0xe6546b64;
  }

  private static int finish(int state, int length) {
    int hash = state ^ length;
    hash = (hash ^ hash >>> 16) * 0x85ebca6b;
    hash = (hash ^ hash >>> 13) * 0xc2b2ae35;
    return hash ^ hash >>> 16;
  }

  /**
   * The largest multiple of the width that is not above the value.
   *
   * @throws ArithmeticException no long is as low as that
   */
  public static long truncate(long value, int width) {
    return Math.subtractExact(value, Math.floorMod(value, (long) width));
  }

  /** The same of an unscaled decimal; it may have one digit more. */
  public static BigInteger truncate(BigInteger unscaled, int width) {
    return unscaled.subtract(unscaled.mod(BigInteger.valueOf(width)));
  }

  /** Where the first {@code width} code points of a text in UTF-8 end. */
  public static int endOfCodePoints(byte[] utf8, int start, int end, int width) {
    int at = start;
    for (int points = 0; at < end; at++) {
      boolean continues = (utf8[at] & 0xc0) == 0x80;
      if (!continues && points++ == width) {
        return at;
      }
    }
    return at;
  }

  /** Years since 1970 of days since 1970-01-01. */
  public static int years(long days) {
    return LocalDate.ofEpochDay(days).getYear() - 1970;
  }

  /** Months since 1970-01 of days since 1970-01-01. */
  public static int months(long days) {
    LocalDate date = LocalDate.ofEpochDay(days);
    return 12 * (date.getYear() - 1970) + date.getMonthValue() - 1;
  }

  /** Days since 1970-01-01 of microseconds since then. */
  public static int days(long micros) {
    return (int) Math.floorDiv(micros, MICROS_PER_DAY);
  }

  /**
   * Hours since 1970-01-01T00:00 of microseconds since then.
   *
   * @throws ArithmeticException no int holds so many, some 245,000 years
   */
  public static int hours(long micros) {
    return Math.toIntExact(Math.floorDiv(micros, MICROS_PER_HOUR));
  }

  /** The hash of a value of the class that {@link Type} lists for reading. */
  static int hash(Type type, Object value) {
    return switch (type.kind()) {
      case INT, LONG -> hash(((Number) value).longValue());
      case DATE -> hash((long) Values.days((LocalDate) value));
      case TIME -> hash(Values.micros((LocalTime) value));
      case TIMESTAMP -> hash(Values.micros((LocalDateTime) value));
      case TIMESTAMPTZ -> hash(Values.micros((Instant) value));
      case DECIMAL -> hash(((BigDecimal) value).unscaledValue());
      case STRING -> {
        byte[] utf8 = ((String) value).getBytes(StandardCharsets.UTF_8);
        yield hash(utf8, 0, utf8.length);
      }
      case UUID -> hash(Values.bytes((UUID) value), 0, 16);
      case FIXED, BINARY -> hash((byte[]) value, 0, ((byte[]) value).length);
      case BOOLEAN, FLOAT, DOUBLE -> throw new IllegalArgumentException(type + " has no hash");
    };
  }
}
