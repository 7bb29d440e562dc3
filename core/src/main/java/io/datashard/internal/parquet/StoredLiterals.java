package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.UUID;

/** The values of predicates as columns hold them. */
final class StoredLiterals {
  private StoredLiterals() {}

  /** The number that columns of the type hold for a value. */
  static long number(Type type, Object value) {
    return switch (type.kind()) {
      case DATE -> Values.days((LocalDate) value);
      case TIME -> Values.micros((LocalTime) value);
      case TIMESTAMP -> Values.micros((LocalDateTime) value);
      case TIMESTAMPTZ -> Values.micros((Instant) value);
      case DECIMAL -> unscaled(type, value).longValueExact();
      default -> ((Number) value).longValue();
    };
  }

  /** A decimal without its point. */
  static BigInteger unscaled(Type type, Object value) {
    return ((BigDecimal) value).setScale(((Type.Decimal) type).scale()).unscaledValue();
  }

  /** The bytes that columns of the type hold for a value. */
  static byte[] bytes(Type type, Object value) {
    return switch (type.kind()) {
      case STRING -> ((String) value).getBytes(StandardCharsets.UTF_8);
      case UUID -> Values.bytes((UUID) value);
      case DECIMAL -> unscaled(type, value).toByteArray();
      default -> (byte[]) value;
    };
  }
}
