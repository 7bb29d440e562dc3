package io.datashard.duckdb;

import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A constant of DuckDB's plan as the value of one of our columns. */
final class PlanConstant {
  private PlanConstant() {}

  /**
   * The value.
   *
   * @param constant DuckDB's JSON of a value with its type
   * @param type of the column it is compared with
   * @return null if its type is not exactly the column's, or it has no such value: then nothing is
   *     said about rows
   */
  static @Nullable Object of(Map<String, @Nullable Object> constant, Type type) {
    Map<String, @Nullable Object> given = PlanJson.map(constant, "type");
    Object value = constant.get("value");
    if (value == null || Boolean.TRUE.equals(constant.get("is_null"))) {
      return null;
    }
    try {
      return PlanJson.text(given, "id").equals(id(type)) ? value(value, given, type) : null;
    } catch (ArithmeticException | IllegalArgumentException | java.time.DateTimeException e) {
      return null; // infinity, or beyond what our types hold
    }
  }

  private static String id(Type type) {
    return switch (type.kind()) {
      case DECIMAL -> "DECIMAL";
      case TIMESTAMPTZ -> "TIMESTAMP WITH TIME ZONE";
      case FIXED, BINARY -> "none"; // a text with escapes: not worth it
      default -> DuckTypes.sqlType(type);
    };
  }

  private static @Nullable Object value(
      Object value, Map<String, @Nullable Object> given, Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> value instanceof Boolean ? value : null;
      case INT -> value instanceof Number number ? (Object) Math.toIntExact(integer(number)) : null;
      case LONG -> value instanceof Number number ? (Object) integer(number) : null;
      case FLOAT -> value instanceof Number number ? (Object) number.floatValue() : null;
      case DOUBLE -> value instanceof Number number ? (Object) number.doubleValue() : null;
      case DECIMAL -> decimal(value, PlanJson.map(given, "type_info"), (Type.Decimal) type);
      case DATE ->
          value instanceof Number number ? Values.date(Math.toIntExact(integer(number))) : null;
      case TIME -> value instanceof Number number ? Values.time(integer(number)) : null;
      case TIMESTAMP -> value instanceof Number number ? Values.timestamp(integer(number)) : null;
      case TIMESTAMPTZ -> value instanceof Number number ? Values.instant(integer(number)) : null;
      case STRING -> value instanceof String ? value : null;
      case UUID -> uuid(PlanJson.map(value));
      case FIXED, BINARY -> null;
    };
  }

  private static long integer(Number number) {
    if (number instanceof Long || number instanceof Integer) {
      return number.longValue();
    }
    throw new ArithmeticException("no long: " + number);
  }

  private static @Nullable Object decimal(
      Object value, Map<String, @Nullable Object> info, Type.Decimal type) {
    if (PlanJson.place(info.get("scale")) != type.scale()) {
      return null;
    }
    BigInteger unscaled =
        value instanceof Number number
            ? BigInteger.valueOf(integer(number))
            : wide(PlanJson.map(value));
    if (unscaled == null) {
      return null;
    }
    BigDecimal decimal = new BigDecimal(unscaled, type.scale());
    return decimal.precision() <= type.precision() ? decimal : null;
  }

  private static @Nullable BigInteger wide(Map<String, @Nullable Object> halves) {
    return halves.get("upper") instanceof Number upper
            && halves.get("lower") instanceof Number lower
        ? new BigInteger(upper.toString()).shiftLeft(64).add(new BigInteger(lower.toString()))
        : null;
  }

  /** DuckDB keeps a uuid as a signed number with the first bit turned over. */
  private static @Nullable UUID uuid(Map<String, @Nullable Object> halves) {
    return halves.get("upper") instanceof Number upper
            && halves.get("lower") instanceof Number lower
        ? new UUID(
            new BigInteger(upper.toString()).longValueExact() ^ Long.MIN_VALUE,
            new BigInteger(lower.toString()).longValue())
        : null;
  }
}
