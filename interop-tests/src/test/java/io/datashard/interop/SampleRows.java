package io.datashard.interop;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Random rows of any schema, many of them at the edges of their types. The seed decides all. */
final class SampleRows {
  /**
   * Every type; {@code id} and {@code k} grow with the rows, so that files can be pruned by them.
   */
  static final Schema EVERY_TYPE =
      Schema.builder()
          .required("id", Type.LONG)
          .required("k", Type.INT)
          .optional("flag", Type.BOOLEAN)
          .optional("i", Type.INT)
          .optional("l", Type.LONG)
          .optional("f", Type.FLOAT)
          .optional("d", Type.DOUBLE)
          .optional("dec1", Type.decimal(1, 0))
          .optional("dec9", Type.decimal(9, 2))
          .optional("dec18", Type.decimal(18, 18))
          .optional("dec19", Type.decimal(19, 3))
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
          "\\",
          "\\N",
          "'; DROP TABLE t; --",
          "\"quoted\"",
          "line\nend\r\n\ttab\u001f",
          "\uffff",
          "\uffff".repeat(20),
          text(0x10ffff, 1),
          text(0x10ffff, 20),
          "a".repeat(15) + text(0x10ffff, 3),
          "a".repeat(15) + text(0x1f600, 1) + "tail",
          "\ud7ff".repeat(16) + "z",
          "\ue000\ufffd",
          "e\u0301 is not \u00e9",
          "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
          "\u6f22\u5b57" + text(0x2070e, 1) + text(0x1f469, 1) + "\u200d" + text(0x1f680, 1),
          "long " + "\u00e9".repeat(3_000),
          "z".repeat(100));

  private static final List<byte[]> BYTES =
      List.of(
          new byte[0],
          new byte[] {0},
          new byte[] {-1},
          filled(20, (byte) -1),
          filled(40, (byte) 0),
          new byte[] {127, -128},
          filled(1_000, (byte) 90));

  private static final List<Double> DOUBLES =
      List.of(
          Double.NaN,
          0.0,
          -0.0,
          Double.POSITIVE_INFINITY,
          Double.NEGATIVE_INFINITY,
          Double.MAX_VALUE,
          -Double.MAX_VALUE,
          Double.MIN_VALUE,
          0.1,
          (double) (1L << 53));

  private static final List<Float> FLOATS =
      List.of(
          Float.NaN,
          0.0f,
          -0.0f,
          Float.POSITIVE_INFINITY,
          Float.NEGATIVE_INFINITY,
          Float.MAX_VALUE,
          -Float.MAX_VALUE,
          Float.MIN_VALUE,
          0.1f);

  private final Schema schema;
  private final SplittableRandom random;
  private final double nulls;
  private final double edges;
  private long next;

  /**
   * @param nulls the share of nulls in optional columns
   * @param edges the share of edge values among the others
   */
  SampleRows(Schema schema, long seed, double nulls, double edges) {
    this.schema = schema;
    this.random = new SplittableRandom(seed);
    this.nulls = nulls;
    this.edges = edges;
  }

  /** The next rows. */
  List<Map<String, @Nullable Object>> take(int count) {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (Field field : schema.fields()) {
        row.put(field.name(), value(field));
      }
      next++;
      rows.add(row);
    }
    return rows;
  }

  private @Nullable Object value(Field field) {
    switch (field.name()) {
      case "id":
        return next;
      case "k":
        return (int) (next / 10);
      case "kind":
        return random.nextDouble() < nulls ? null : "kind-" + random.nextInt(5);
      default:
        boolean missing = !field.required() && random.nextDouble() < nulls;
        return missing
            ? null
            : random.nextDouble() < edges ? edge(field.type()) : usual(field.type());
    }
  }

  /** Values of a moderate range, so that rows share some. */
  private Object usual(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> random.nextInt(-50, 50);
      case LONG -> random.nextLong(-1_000, 1_000) * 1_000_003;
      case FLOAT -> random.nextInt(-40, 40) / 4.0f;
      case DOUBLE -> random.nextInt(-100, 100) / 10.0;
      case DECIMAL -> decimal((Type.Decimal) type, random.nextLong(-100, 100));
      case DATE -> LocalDate.of(2020, 1, 1).plusDays(random.nextInt(-400, 400));
      case TIME -> LocalTime.ofNanoOfDay(random.nextLong(86_400) * 1_000_000_000L);
      case TIMESTAMP -> dateTime();
      case TIMESTAMPTZ -> dateTime().toInstant(ZoneOffset.UTC);
      case STRING -> randomText();
      case UUID -> new UUID(random.nextLong(), random.nextLong());
      case FIXED -> randomBytes(((Type.Fixed) type).length());
      case BINARY -> randomBytes(random.nextInt(4));
    };
  }

  private LocalDateTime dateTime() {
    return LocalDateTime.of(2020, 1, 1, 0, 0)
        .plusMinutes(random.nextInt(-500_000, 500_000))
        .plus(random.nextInt(3), ChronoUnit.MICROS);
  }

  private Object edge(Type type) {
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> pick(List.of(Integer.MIN_VALUE, Integer.MAX_VALUE, 0, -1));
      case LONG -> pick(List.of(Long.MIN_VALUE, Long.MAX_VALUE, 0L, -1L, (1L << 53) + 1));
      case FLOAT -> pick(FLOATS);
      case DOUBLE -> pick(DOUBLES);
      case DECIMAL -> decimalEdge((Type.Decimal) type);
      case DATE ->
          pick(
              List.of(
                  LocalDate.of(1, 1, 1),
                  LocalDate.of(9999, 12, 31),
                  LocalDate.EPOCH,
                  LocalDate.of(1969, 12, 31),
                  LocalDate.of(1582, 10, 10)));
      case TIME ->
          pick(
              List.of(
                  LocalTime.MIN,
                  LocalTime.of(23, 59, 59, 999_999_000),
                  LocalTime.of(0, 0, 0, 1_000)));
      case TIMESTAMP -> dateTimeEdge();
      case TIMESTAMPTZ -> dateTimeEdge().toInstant(ZoneOffset.UTC);
      case STRING -> pick(TEXTS);
      case UUID ->
          pick(
              List.of(
                  new UUID(0, 0),
                  new UUID(-1, -1),
                  new UUID(Long.MIN_VALUE, 0),
                  new UUID(Long.MAX_VALUE, -1)));
      case FIXED ->
          filled(((Type.Fixed) type).length(), pick(List.of((byte) 0, (byte) -1, (byte) -128)));
      case BINARY -> pick(BYTES).clone();
    };
  }

  private LocalDateTime dateTimeEdge() {
    return pick(
        List.of(
            LocalDateTime.of(1, 1, 1, 0, 0),
            LocalDateTime.of(9999, 12, 31, 23, 59, 59, 999_999_000),
            LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999_999_000),
            LocalDateTime.of(1970, 1, 1, 0, 0),
            LocalDateTime.of(1582, 10, 10, 1, 2, 3, 4_000)));
  }

  private BigDecimal decimalEdge(Type.Decimal type) {
    BigInteger most = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    BigInteger unscaled =
        pick(
            List.of(most, most.negate(), BigInteger.ZERO, BigInteger.ONE, BigInteger.ONE.negate()));
    return new BigDecimal(unscaled, type.scale());
  }

  private static BigDecimal decimal(Type.Decimal type, long small) {
    return BigDecimal.valueOf(type.precision() == 1 ? small % 10 : small, type.scale());
  }

  private String randomText() {
    int length = random.nextInt(6);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(
          switch (random.nextInt(8)) {
            case 0 -> random.nextInt(0x10000, 0x110000);
            case 1 -> random.nextInt(0xe000, 0x10000);
            case 2 -> random.nextInt(0x80, 0xd800);
            default -> 'a' + random.nextInt(4);
          });
    }
    return text.toString();
  }

  private byte[] randomBytes(int length) {
    byte[] bytes = new byte[length];
    for (int i = 0; i < length; i++) {
      bytes[i] = (byte) random.nextInt(-3, 3);
    }
    return bytes;
  }

  private <T> T pick(List<T> from) {
    return from.get(random.nextInt(from.size()));
  }

  private static String text(int codePoint, int times) {
    return Character.toString(codePoint).repeat(times);
  }

  private static byte[] filled(int length, byte with) {
    byte[] bytes = new byte[length];
    java.util.Arrays.fill(bytes, with);
    return bytes;
  }

  /** What a table holding these rows must give back. */
  static Answer answer(Schema schema, List<? extends Map<String, @Nullable Object>> rows) {
    List<String> lines = new ArrayList<>(rows.size());
    for (Map<String, @Nullable Object> row : rows) {
      StringBuilder line = new StringBuilder();
      for (Field field : schema.fields()) {
        if (!line.isEmpty() || field != schema.field(0)) {
          line.append(RowText.SEPARATOR);
        }
        line.append(RowText.cell(field.type(), row.get(field.name())));
      }
      lines.add(line.toString());
    }
    return Answer.of(lines);
  }
}
