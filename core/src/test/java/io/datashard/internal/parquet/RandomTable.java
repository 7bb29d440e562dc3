package io.datashard.internal.parquet;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/** A schema, rows and predicates under a seed; rows are maps from field id to Java value. */
public final class RandomTable {
  private static final String[] WORDS = {
    "", "ok", "failed", "fail", "running", "ünïcödé", "日本語", "😀", "\uFFFD", "x".repeat(70)
  };

  private final Random random;
  private final Schema schema;
  private final List<Map<Integer, Object>> rows = new ArrayList<>();

  /** A table of up to so many rows. */
  public RandomTable(long seed, int rowsMax) {
    this.random = new Random(seed);
    this.schema = schema(1 + random.nextInt(6));
    fill(random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(rowsMax));
  }

  /** A table of these columns and so many rows. */
  public RandomTable(long seed, Schema schema, int rowCount) {
    this.random = new Random(seed);
    this.schema = schema;
    fill(rowCount);
  }

  public Schema schema() {
    return schema;
  }

  public List<Map<Integer, Object>> rows() {
    return rows;
  }

  public Random random() {
    return random;
  }

  private Schema schema(int columns) {
    Schema.Builder builder = Schema.builder();
    for (int i = 0; i < columns; i++) {
      int id = 1 + i * 3 + random.nextInt(3);
      Type type = type();
      if (random.nextInt(3) == 0) {
        builder.required(id, "c" + i, type);
      } else {
        builder.optional(id, "c" + i, type);
      }
    }
    return builder.build();
  }

  private Type type() {
    int kind = random.nextInt(Type.Kind.values().length + 3);
    if (kind >= Type.Kind.values().length) {
      return random.nextBoolean() ? Type.STRING : Type.LONG;
    }
    return switch (Type.Kind.values()[kind]) {
      case DECIMAL -> {
        int precision = 1 + random.nextInt(38);
        yield Type.decimal(precision, random.nextInt(precision + 1));
      }
      case FIXED -> Type.fixed(1 + random.nextInt(20));
      default -> Type.parse(Type.Kind.values()[kind].name());
    };
  }

  private void fill(int count) {
    for (int i = 0; i < count; i++) {
      rows.add(new HashMap<>());
    }
    for (Field field : schema.fields()) {
      // Sorted columns make statistics useful, few values dictionaries, runs levels and codes.
      int distinct = 1 << random.nextInt(12);
      Object[] pool = new Object[distinct];
      for (int i = 0; i < distinct; i++) {
        pool[i] = value(field.type());
      }
      boolean sorted = random.nextInt(3) == 0;
      if (sorted) {
        Arrays.sort(pool, (a, b) -> io.datashard.schema.ValueOrder.compare(field.type(), a, b));
      }
      int run = 1 + (random.nextInt(3) == 0 ? random.nextInt(200) : 0);
      double nulls = field.required() ? 0 : new double[] {0, 0.1, 0.5, 0.97, 1}[random.nextInt(5)];
      int nullRun = 1 + (random.nextInt(3) == 0 ? random.nextInt(300) : 0);
      boolean isNull = false;
      Object value = pool[0];
      for (int row = 0; row < count; row++) {
        if (row % run == 0) {
          value = pool[sorted ? (int) ((long) row * distinct / count) : random.nextInt(distinct)];
        }
        if (row % nullRun == 0) {
          isNull = random.nextDouble() < nulls;
        }
        rows.get(row).put(field.id(), isNull ? null : value);
      }
    }
  }

  /** Any value of the type, its ends and neighbours among them. */
  Object value(Type type) {
    boolean odd = random.nextInt(8) == 0;
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> odd ? pick(Integer.MIN_VALUE, Integer.MAX_VALUE, 0) : (Object) small();
      case LONG -> odd ? pick(Long.MIN_VALUE, Long.MAX_VALUE, 0L) : (Object) (long) small();
      case FLOAT ->
          odd
              ? pick(Float.NaN, -0.0f, 0.0f, Float.POSITIVE_INFINITY, Float.MIN_VALUE)
              : (Object) (float) random.nextGaussian();
      case DOUBLE ->
          odd
              ? pick(Double.NaN, -0.0, 0.0, Double.NEGATIVE_INFINITY, Double.MAX_VALUE)
              : (Object) random.nextGaussian();
      case DECIMAL -> decimal((Type.Decimal) type, odd);
      case DATE -> Values.date(odd ? (int) pick(-719_528, 2_932_896, 0) : small());
      case TIME -> Values.time(odd ? (long) pick(0L, 86_399_999_999L) : small() & 0xffffL);
      case TIMESTAMP -> Values.timestamp(odd ? (long) pick(-1L, 0L, 1L << 60) : small() * 1_001L);
      case TIMESTAMPTZ -> instant(odd);
      case STRING -> odd ? WORDS[random.nextInt(WORDS.length)] : "user-" + (small() & 0xfff);
      case UUID -> new UUID(random.nextLong(), random.nextInt(3));
      case FIXED -> bytes(((Type.Fixed) type).length());
      case BINARY -> bytes(random.nextInt(20));
    };
  }

  private Instant instant(boolean odd) {
    return Values.instant(odd ? (long) pick(-1L, 0L, -(1L << 55)) : small() * 1_000_003L);
  }

  private int small() {
    return random.nextInt(4) == 0 ? random.nextInt() : random.nextInt(2_000) - 1_000;
  }

  private BigDecimal decimal(Type.Decimal type, boolean odd) {
    BigInteger most = BigInteger.TEN.pow(type.precision()).subtract(BigInteger.ONE);
    BigInteger unscaled = odd ? most : new BigInteger(most.bitLength() + 8, random).mod(most);
    return new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), type.scale());
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Object pick(Object... values) {
    return values[random.nextInt(values.length)];
  }

  /** The rows from {@code from} up to and without {@code to}, as a batch. */
  public Batch batch(int from, int to) {
    BatchBuilder builder = new BatchBuilder(schema);
    for (Map<Integer, Object> row : rows.subList(from, to)) {
      for (int i = 0; i < schema.size(); i++) {
        builder.column(i).add(row.get(schema.field(i).id()));
      }
      builder.endRow();
    }
    return builder.build();
  }

  /** A predicate at most so deep; most literals occur in the rows. */
  public Predicate predicate(int depth) {
    return switch (depth == 0 ? 9 : random.nextInt(10)) {
      case 0, 1, 2 -> Predicate.and(predicate(depth - 1), predicate(depth - 1));
      case 3, 4 -> Predicate.or(predicate(depth - 1), predicate(depth - 1));
      case 5 -> Predicate.not(predicate(depth - 1));
      default -> leaf();
    };
  }

  private Predicate leaf() {
    Field field = schema.field(random.nextInt(schema.size()));
    String name = field.name();
    boolean floating = field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
    switch (random.nextInt(8)) {
      case 0:
        return new Predicate.IsNull(name);
      case 1:
        if (floating) {
          return new Predicate.IsNan(name);
        }
        break;
      case 2:
        if (field.type() == Type.STRING) {
          String text = (String) literal(field);
          int end = text.isEmpty() ? 0 : text.offsetByCodePoints(0, 1);
          return new Predicate.StartsWith(
              name, random.nextBoolean() ? text : text.substring(0, end));
        }
        break;
      case 3:
        List<Object> literals = new ArrayList<>();
        for (int i = random.nextInt(6); i >= 0; i--) {
          literals.add(literal(field));
        }
        return new Predicate.In(name, literals);
      default:
        break;
    }
    Predicate.Op[] ops = Predicate.Op.values();
    int count = field.type() == Type.BOOLEAN ? 2 : ops.length; // EQ and NE come first
    return new Predicate.Compare(name, ops[random.nextInt(count)], literal(field));
  }

  private Object literal(Field field) {
    Object value = null;
    if (!rows.isEmpty() && random.nextInt(5) > 0) {
      value = rows.get(random.nextInt(rows.size())).get(field.id());
    }
    while (value == null || isNan(value)) {
      value = value(field.type());
    }
    return value;
  }

  private static boolean isNan(Object value) {
    return value instanceof Double wide
        ? wide.isNaN()
        : value instanceof Float narrow && narrow.isNaN();
  }

  /** One line of text for a row: equal exactly if all values are, down to the sign of zero. */
  public static String show(Schema columns, Map<Integer, Object> row) {
    StringBuilder text = new StringBuilder();
    for (Field field : columns.fields()) {
      text.append(show(row.get(field.id()))).append('|');
    }
    return text.toString();
  }

  /** As above, for a row of a batch. */
  public static String show(Batch batch, int row) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < batch.columns().size(); i++) {
      text.append(show(batch.column(i).value(row))).append('|');
    }
    return text.toString();
  }

  private static String show(Object value) {
    return value instanceof byte[] bytes ? Arrays.toString(bytes) : String.valueOf(value);
  }
}
