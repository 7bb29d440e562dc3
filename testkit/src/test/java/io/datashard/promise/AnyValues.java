package io.datashard.promise;

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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Rows of all types, full of what is often got wrong; the same for the same seed. */
final class AnyValues {
  static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .optional("bool", Type.BOOLEAN)
          .optional("i", Type.INT)
          .optional("l", Type.LONG)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("dec", Type.decimal(9, 2))
          .optional("wide", Type.decimal(38, 10))
          .optional("day", Type.DATE)
          .optional("time", Type.TIME)
          .optional("ts", Type.TIMESTAMP)
          .optional("tz", Type.TIMESTAMPTZ)
          .optional("text", Type.STRING)
          .optional("word", Type.STRING)
          .optional("u", Type.UUID)
          .optional("fx", Type.fixed(5))
          .optional("bin", Type.BINARY)
          .build();

  private static final String[] TEXTS = {
    "",
    "a",
    "z\u0000",
    "\ud7ff",
    "\uffff",
    "\ud83d\ude00",
    "0123456789abcdef",
    "0123456789abcdefg",
    "\udbff\udfff".repeat(20),
    "b" + "\udbff\udfff".repeat(17),
    "x".repeat(300),
    "x".repeat(299) + "y",
  };
  private static final String[] WORDS = {"ok", "failed", "retried"};
  private static final double[] DOUBLES = {
    Double.NaN, -0.0, 0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, Double.MIN_VALUE, 1.5
  };

  private final Random random;
  private long next;

  /** By column, how often it is null, and how varied it is; of one table. */
  private double nulls;

  private boolean plain;

  AnyValues(long seed) {
    this.random = new Random(seed);
  }

  Random random() {
    return random;
  }

  /** Rows that follow have another share of nulls and awkward values. */
  void turn() {
    nulls = random.nextInt(4) == 0 ? 1 : random.nextInt(3) == 0 ? 0.3 : 0;
    plain = random.nextBoolean();
  }

  Map<String, @Nullable Object> row() {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    for (Field field : SCHEMA.fields()) {
      boolean isNull = !field.required() && random.nextDouble() < nulls;
      row.put(field.name(), field.name().equals("id") ? next++ : isNull ? null : value(field));
    }
    return row;
  }

  private Object value(Field field) {
    boolean odd = !plain && random.nextInt(3) == 0;
    return switch (field.type().kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> odd ? random.nextInt() : random.nextInt(50);
      case LONG -> odd ? random.nextLong() : (long) random.nextInt(50);
      case FLOAT -> odd ? (float) DOUBLES[random.nextInt(DOUBLES.length)] : random.nextInt(9) / 4f;
      case DOUBLE -> odd ? DOUBLES[random.nextInt(DOUBLES.length)] : random.nextInt(9) / 4.0;
      case DECIMAL -> decimal((Type.Decimal) field.type(), odd);
      case DATE -> LocalDate.ofEpochDay(odd ? random.nextInt(100_000) - 50_000 : random.nextInt(9));
      case TIME -> LocalTime.ofNanoOfDay(random.nextLong(86_400_000_000L) * 1_000);
      case TIMESTAMP -> time(odd);
      case TIMESTAMPTZ -> time(odd).toInstant(ZoneOffset.UTC);
      case STRING ->
          field.name().equals("word")
              ? WORDS[random.nextInt(WORDS.length)]
              : odd ? TEXTS[random.nextInt(TEXTS.length)] : "t" + random.nextInt(20);
      case UUID -> new UUID(odd ? random.nextLong() : random.nextInt(3), random.nextLong());
      case FIXED -> bytes(5, odd);
      case BINARY -> bytes(random.nextInt(odd ? 300 : 20), odd);
    };
  }

  private byte[] bytes(int length, boolean odd) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    if (odd && random.nextBoolean()) {
      java.util.Arrays.fill(bytes, (byte) 0xff);
    }
    return bytes;
  }

  private BigDecimal decimal(Type.Decimal type, boolean odd) {
    BigInteger most = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    BigInteger unscaled =
        odd
            ? random.nextBoolean() ? most : most.negate()
            : BigInteger.valueOf(random.nextInt(2_000) - 1_000);
    return new BigDecimal(unscaled, type.scale());
  }

  private LocalDateTime time(boolean odd) {
    long micros = odd ? random.nextLong() / 1_000 : random.nextInt(1_000_000);
    Instant instant =
        Instant.ofEpochSecond(
            Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
    return LocalDateTime.ofInstant(instant, ZoneOffset.UTC);
  }
}
