package io.datashard.testkit;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Random rows of any schema, some values at the edges of their types. The seed decides all. */
public final class RandomRows {
  /** Every type; {@code id} counts the rows, so that files differ by it. */
  public static final Schema EVERY_TYPE =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("flag", Type.BOOLEAN)
          .optional("i", Type.INT)
          .optional("l", Type.LONG)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("dec9", Type.decimal(9, 2))
          .optional("dec18", Type.decimal(18, 18))
          .optional("dec38", Type.decimal(38, 10))
          .optional("day", Type.DATE)
          .optional("clock", Type.TIME)
          .optional("ts", Type.TIMESTAMP)
          .optional("tstz", Type.TIMESTAMPTZ)
          .optional("text", Type.STRING)
          .optional("kind", Type.STRING)
          .optional("u", Type.UUID)
          .optional("fx", Type.fixed(5))
          .optional("bin", Type.BINARY)
          .build();

  private static final List<String> TEXTS =
      List.of(
          "",
          " ",
          "\0",
          "a\0b",
          "it's",
          "\"quoted\" \\",
          "%_",
          "\uffff",
          "\ud83d\ude00 tail",
          "\u05e9\u05dc\u05d5\u05dd",
          "long " + "\u00e9".repeat(500));

  private final Schema schema;
  private final SplittableRandom random;
  private long next;

  /** Rows of this schema. */
  public RandomRows(Schema schema, long seed) {
    this.schema = schema;
    this.random = new SplittableRandom(seed);
  }

  /** The next rows; every key is there, also of nulls. */
  public List<Map<String, @Nullable Object>> take(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (Field field : schema.fields()) {
        boolean isNull = !field.required() && random.nextInt(6) == 0;
        row.put(field.name(), field.name().equals("id") ? next : isNull ? null : value(field));
      }
      next++;
      rows.add(row);
    }
    return rows;
  }

  private Object value(Field field) {
    if (field.name().equals("kind")) {
      return "kind-" + random.nextInt(5);
    }
    return random.nextInt(5) == 0 ? edge(field.type()) : usual(field.type());
  }

  private Object usual(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> random.nextInt(-50, 50);
      case LONG -> random.nextLong(-50, 50);
      case FLOAT -> random.nextInt(-40, 40) / 4.0f;
      case DOUBLE -> random.nextInt(-40, 40) / 4.0;
      case DECIMAL ->
          new BigDecimal(
              BigInteger.valueOf(random.nextLong(-500, 500)), ((Type.Decimal) type).scale());
      case DATE -> LocalDate.of(2020, 1, 1).plusDays(random.nextInt(-40, 40));
      case TIME -> LocalTime.ofSecondOfDay(random.nextInt(86_400)).plusNanos(1_000);
      case TIMESTAMP -> moment();
      case TIMESTAMPTZ -> moment().toInstant(ZoneOffset.UTC);
      case STRING -> "text " + random.nextInt(30);
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED -> bytes(((Type.Fixed) type).length());
      case BINARY -> bytes(random.nextInt(20));
    };
  }

  private LocalDateTime moment() {
    return LocalDateTime.of(2020, 1, 1, 0, 0).plusMinutes(random.nextInt(-50_000, 50_000));
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Object edge(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> pick(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, 0, -1));
      case LONG -> pick(List.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L, (1L << 53) + 1));
      case FLOAT ->
          pick(List.of(Float.NaN, -0.0f, 0.0f, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
      case DOUBLE ->
          pick(List.of(Double.NaN, -0.0, 0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY));
      case DECIMAL -> {
        Type.Decimal decimal = (Type.Decimal) type;
        BigInteger most = BigInteger.TEN.pow(decimal.precision()).subtract(BigInteger.ONE);
        yield new BigDecimal(random.nextBoolean() ? most : most.negate(), decimal.scale());
      }
      case DATE ->
          pick(List.of(LocalDate.of(1, 1, 1), LocalDate.of(9999, 12, 31), LocalDate.EPOCH));
      case TIME -> pick(List.of(LocalTime.MIDNIGHT, LocalTime.of(23, 59, 59, 999_999_000)));
      case TIMESTAMP ->
          pick(
              List.of(
                  LocalDateTime.of(1, 1, 1, 0, 0),
                  LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
                  LocalDateTime.of(9999, 12, 31, 23, 59, 59, 999_999_000)));
      case TIMESTAMPTZ ->
          pick(
              List.of(
                  Instant.parse("0001-01-01T00:00:00Z"),
                  Instant.parse("1969-12-31T23:59:59.999999Z"),
                  Instant.parse("9999-12-31T23:59:59.999999Z")));
      case STRING -> pick(TEXTS);
      case UUID -> pick(List.of(new UUID(0, 0), new UUID(-1, -1), new UUID(Long.MIN_VALUE, 1)));
      case FIXED -> new byte[((Type.Fixed) type).length()];
      case BINARY -> pick(List.of(new byte[0], new byte[] {0}, new byte[] {-1}, new byte[300]));
    };
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
