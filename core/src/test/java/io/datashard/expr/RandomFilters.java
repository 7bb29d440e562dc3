package io.datashard.expr;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Rows and predicates under a seed, and a naive evaluation of both kinds of predicate that shares
 * no code with the real ones: values are compared here by their bytes or by Java's own operators.
 */
public final class RandomFilters {
  /** Every type, each with values that lie close to each other and at its ends. */
  public static final Map<String, List<Object>> VALUES = new LinkedHashMap<>();

  public static final Schema SCHEMA =
      Schema.builder()
          .optional("bool", Type.BOOLEAN)
          .optional("int", Type.INT)
          .required("long", Type.LONG)
          .optional("float", Type.FLOAT)
          .optional("double", Type.DOUBLE)
          .optional("decimal", Type.decimal(5, 2))
          .optional("date", Type.DATE)
          .optional("time", Type.TIME)
          .optional("timestamp", Type.TIMESTAMP)
          .optional("timestamptz", Type.TIMESTAMPTZ)
          .optional("string", Type.STRING)
          .optional("uuid", Type.UUID)
          .optional("fixed", Type.fixed(2))
          .required("binary", Type.BINARY)
          .build();

  static {
    VALUES.put("bool", List.of(false, true));
    VALUES.put("int", List.of(Integer.MIN_VALUE, -1, 0, 1, 7, Integer.MAX_VALUE));
    VALUES.put("long", List.of(Long.MIN_VALUE, -1L, 0L, 1L, 7L, Long.MAX_VALUE));
    VALUES.put("float", List.of(Float.NEGATIVE_INFINITY, -1f, -0.0f, 0.0f, 0.1f, Float.MAX_VALUE));
    VALUES.put(
        "double", List.of(-Double.MAX_VALUE, -1.0, -0.0, 0.0, 0.1, Double.POSITIVE_INFINITY));
    VALUES.put("decimal", decimals("-999.99", "-0.01", "0.00", "0.01", "1.50", "999.99"));
    VALUES.put("date", List.of(LocalDate.of(-4, 1, 1), LocalDate.EPOCH, LocalDate.of(2024, 2, 29)));
    VALUES.put("time", List.of(LocalTime.MIN, LocalTime.NOON, LocalTime.of(23, 59, 59, 999999000)));
    VALUES.put(
        "timestamp",
        List.of(
            LocalDateTime.of(1969, 12, 31, 23, 59, 59, 999999000),
            LocalDateTime.of(1970, 1, 1, 0, 0),
            LocalDateTime.of(2024, 2, 29, 12, 0, 0, 1000)));
    VALUES.put(
        "timestamptz",
        List.of(Instant.ofEpochSecond(-1), Instant.EPOCH, Instant.ofEpochSecond(1, 1000)));
    // U+10000 is above U+FFFD by code point and below it by char.
    VALUES.put(
        "string", List.of("", "a", "ab", "abc", "b", "é", "\uFFFD", "\uFFFDa", "𐀀", "𐀀b", "😀"));
    VALUES.put(
        "uuid",
        List.of(
            new UUID(0, 0),
            new UUID(1, 5),
            new UUID(1, -5),
            new UUID(Long.MAX_VALUE, 1),
            new UUID(Long.MIN_VALUE, 1),
            new UUID(-1, -1)));
    VALUES.put("fixed", List.of(bytes(0, 0), bytes(0, 1), bytes(0x7f, 1), bytes(0x80, 0)));
    VALUES.put("binary", List.of(bytes(), bytes(0), bytes(0, 0), bytes(0x7f), bytes(0x80)));
  }

  private final Random random;

  public RandomFilters(long seed) {
    this.random = new Random(seed);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  private static List<Object> decimals(String... texts) {
    return Arrays.stream(texts).map(BigDecimal::new).map(Object.class::cast).toList();
  }

  public static boolean isFloating(Field field) {
    return field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
  }

  /** Up to four rows; each column is mostly of few distinct values, so that ALL is not rare. */
  public List<Map<Integer, Object>> rows() {
    int count = random.nextInt(5);
    List<Map<Integer, Object>> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(new HashMap<>());
    }
    for (Field field : SCHEMA.fields()) {
      int nulls = random.nextInt(4);
      int nans = random.nextInt(4);
      List<Object> values = VALUES.get(field.name());
      int from = random.nextInt(values.size());
      int spread = 1 + random.nextInt(Math.min(3, values.size() - from));
      for (Map<Integer, Object> row : rows) {
        Object value = values.get(from + random.nextInt(spread));
        if (isFloating(field) && random.nextInt(3) < nans - 1) {
          value = field.type() == Type.FLOAT ? (Object) Float.NaN : (Object) Double.NaN;
        }
        row.put(field.id(), !field.required() && random.nextInt(3) < nulls - 1 ? null : value);
      }
    }
    return rows;
  }

  /** A predicate tree at most so deep; leaves are about any column or about one of few. */
  public Predicate predicate(int depth) {
    int kind = depth == 0 ? 9 : random.nextInt(10);
    if (kind < 2) {
      return new Predicate.And(parts(depth - 1));
    }
    if (kind < 4) {
      return new Predicate.Or(parts(depth - 1));
    }
    if (kind < 6) {
      return new Predicate.Not(predicate(depth - 1));
    }
    return random.nextInt(30) == 0 ? new Predicate.Constant(random.nextBoolean()) : leaf();
  }

  private List<Predicate> parts(int depth) {
    List<Predicate> parts = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      parts.add(predicate(depth));
    }
    return parts;
  }

  private Predicate leaf() {
    Field field = SCHEMA.field(random.nextInt(SCHEMA.size()));
    String name = field.name();
    List<Object> values = VALUES.get(name);
    switch (random.nextInt(6)) {
      case 0:
        return new Predicate.IsNull(name);
      case 1:
        if (isFloating(field)) {
          return new Predicate.IsNan(name);
        }
        break;
      case 2:
        if (field.type() == Type.STRING) {
          return new Predicate.StartsWith(name, (String) pick(values));
        }
        break;
      case 3:
        List<Object> literals = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          literals.add(pick(values));
        }
        return new Predicate.In(name, literals);
      default:
        break;
    }
    Predicate.Op[] ops = Predicate.Op.values();
    int opCount = field.type() == Type.BOOLEAN ? 2 : ops.length; // EQ and NE come first
    return new Predicate.Compare(name, ops[random.nextInt(opCount)], pick(values));
  }

  public <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  public boolean oneIn(int n) {
    return random.nextInt(n) == 0;
  }

  /** Three-valued: null is "unknown". */
  public static @Nullable Boolean evaluate(Predicate predicate, Map<Integer, Object> row) {
    if (predicate instanceof Predicate.Constant constant) {
      return constant.value();
    }
    if (predicate instanceof Predicate.Not not) {
      Boolean inside = evaluate(not.part(), row);
      return inside == null ? null : !inside;
    }
    if (predicate instanceof Predicate.And and) {
      return junction(and.parts(), row, true);
    }
    if (predicate instanceof Predicate.Or or) {
      return junction(or.parts(), row, false);
    }
    if (predicate instanceof Predicate.IsNull leaf) {
      return row.get(SCHEMA.field(leaf.column()).id()) == null;
    }
    if (predicate instanceof Predicate.In leaf && leaf.literals().isEmpty()) {
      return false;
    }
    String column = column(predicate);
    Object value = row.get(SCHEMA.field(column).id());
    return value == null ? null : evaluateOn(predicate, value);
  }

  private static @Nullable Boolean junction(
      List<Predicate> parts, Map<Integer, Object> row, boolean neutral) {
    Boolean all = neutral;
    for (Predicate part : parts) {
      Boolean one = evaluate(part, row);
      if (one != null && one != neutral) {
        return !neutral;
      }
      all = one == null ? null : all;
    }
    return all;
  }

  private static String column(Predicate leaf) {
    if (leaf instanceof Predicate.Compare compare) {
      return compare.column();
    }
    if (leaf instanceof Predicate.In in) {
      return in.column();
    }
    if (leaf instanceof Predicate.IsNan isNan) {
      return isNan.column();
    }
    return ((Predicate.StartsWith) leaf).column();
  }

  private static boolean evaluateOn(Predicate leaf, Object value) {
    if (leaf instanceof Predicate.Compare compare) {
      return compare(compare.op(), value, compare.literal());
    }
    if (leaf instanceof Predicate.In in) {
      return in.literals().stream().anyMatch(one -> compare(Predicate.Op.EQ, value, one));
    }
    if (leaf instanceof Predicate.IsNan) {
      return isNan(value);
    }
    return ((String) value).startsWith(((Predicate.StartsWith) leaf).prefix());
  }

  /** Two-valued, as the words of Bound say. */
  public static boolean evaluate(Bound bound, Map<Integer, Object> row) {
    if (bound instanceof Bound.Constant constant) {
      return constant.value();
    }
    if (bound instanceof Bound.And and) {
      return and.parts().stream().allMatch(part -> evaluate(part, row));
    }
    if (bound instanceof Bound.Or or) {
      return or.parts().stream().anyMatch(part -> evaluate(part, row));
    }
    Object value = row.get(bound.fields().get(0).id());
    if (bound instanceof Bound.IsNull leaf) {
      return (value == null) == leaf.wanted();
    }
    if (value == null) {
      return false;
    }
    if (bound instanceof Bound.IsNan leaf) {
      return isNan(value) == leaf.wanted();
    }
    if (bound instanceof Bound.Compare leaf) {
      return isNan(value) ? leaf.nanMatches() : compare(leaf.op(), value, leaf.literal());
    }
    if (bound instanceof Bound.In leaf) {
      return isNan(value)
          ? leaf.nanMatches()
          : leaf.literals().stream().anyMatch(one -> compare(Predicate.Op.EQ, value, one))
              == leaf.wanted();
    }
    Bound.StartsWith leaf = (Bound.StartsWith) bound;
    return ((String) value).startsWith(leaf.prefix()) == leaf.wanted();
  }

  public static boolean isNan(Object value) {
    return value instanceof Double wide
        ? wide.isNaN()
        : value instanceof Float narrow && narrow.isNaN();
  }

  static boolean compare(Predicate.Op op, Object a, Object b) {
    if (a instanceof Number && !(a instanceof BigDecimal)) {
      if (a instanceof Float || a instanceof Double) {
        double x = ((Number) a).doubleValue();
        double y = ((Number) b).doubleValue();
        return switch (op) {
          case EQ -> x == y;
          case NE -> x != y;
          case LT -> x < y;
          case LE -> x <= y;
          case GT -> x > y;
          case GE -> x >= y;
        };
      }
    }
    int order = order(a, b);
    return switch (op) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }

  /** The order of values other than NaN. */
  @SuppressWarnings("unchecked")
  public static int order(Object a, Object b) {
    if (a instanceof String text) {
      return Arrays.compareUnsigned(
          text.getBytes(StandardCharsets.UTF_8), ((String) b).getBytes(StandardCharsets.UTF_8));
    }
    if (a instanceof byte[] bytes) {
      return Arrays.compareUnsigned(bytes, (byte[]) b);
    }
    if (a instanceof UUID) {
      return a.toString().compareTo(b.toString());
    }
    if (a instanceof Double || a instanceof Float) {
      double x = ((Number) a).doubleValue();
      double y = ((Number) b).doubleValue();
      return x < y ? -1 : x > y ? 1 : 0;
    }
    return ((Comparable<Object>) a).compareTo(b);
  }

  /** What is true of the rows, exactly or less than that. */
  public Facts facts(Field field, List<Map<Integer, Object>> rows) {
    List<Object> all = new ArrayList<>();
    rows.forEach(row -> all.add(row.get(field.id())));
    long nulls = all.stream().filter(value -> value == null).count();
    long nans = all.stream().filter(value -> value != null && isNan(value)).count();
    List<Object> ordinary = all.stream().filter(value -> value != null && !isNan(value)).toList();
    @Nullable Object lower = null;
    @Nullable Object upper = null;
    if (!ordinary.isEmpty()) {
      boolean signedUuids = field.type() == Type.UUID && oneIn(2);
      BinaryOperator<Object> smaller =
          (a, b) -> (signedUuids ? ((UUID) a).compareTo((UUID) b) : order(a, b)) <= 0 ? a : b;
      lower = ordinary.stream().reduce(smaller).orElseThrow();
      upper = ordinary.stream().reduce((a, b) -> smaller.apply(a, b) == a ? b : a).orElseThrow();
      if (!signedUuids && oneIn(3)) {
        lower = loosened(field, lower, -1);
        upper = loosened(field, upper, 1);
      }
    }
    return new Facts(
        oneIn(5) ? -1 : rows.size(),
        oneIn(5) ? -1 : nulls,
        oneIn(5) ? -1 : nans,
        oneIn(6) ? null : lower,
        oneIn(6) ? null : upper);
  }

  /** Another value of the column's that lies further out, if there is one. */
  private Object loosened(Field field, Object bound, int side) {
    List<Object> further =
        VALUES.get(field.name()).stream().filter(value -> order(value, bound) * side >= 0).toList();
    return pick(further);
  }
}
