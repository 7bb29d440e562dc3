package io.datashard.testkit;

import io.datashard.expr.Predicate;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A filter applied to rows that were read without it, in the plainest way: three-valued logic, a
 * comparison with NaN is false, -0.0 is 0.0, texts are ordered by their UTF-8 bytes.
 */
public final class RowFilter {
  private RowFilter() {}

  /** Whether the filter is true of the row: values by column name. */
  public static boolean keeps(Predicate filter, Map<String, ? extends @Nullable Object> row) {
    return Boolean.TRUE.equals(judge(filter, row));
  }

  /** True, false, or null where it is unknown. */
  private static @Nullable Boolean judge(
      Predicate filter, Map<String, ? extends @Nullable Object> row) {
    if (filter instanceof Predicate.And and) {
      return junction(and.parts(), row, false);
    }
    if (filter instanceof Predicate.Or or) {
      return junction(or.parts(), row, true);
    }
    if (filter instanceof Predicate.Not not) {
      Boolean part = judge(not.part(), row);
      return part == null ? null : !part;
    }
    if (filter instanceof Predicate.IsNull isNull) {
      return row.get(isNull.column()) == null;
    }
    if (filter instanceof Predicate.IsNan isNan) {
      Object value = row.get(isNan.column());
      return value == null ? null : isNan(value);
    }
    if (filter instanceof Predicate.StartsWith starts) {
      Object value = row.get(starts.column());
      return value == null ? null : ((String) value).startsWith(starts.prefix());
    }
    if (filter instanceof Predicate.In in) {
      Object value = row.get(in.column());
      return value == null
          ? null
          : in.literals().stream().anyMatch(one -> compare(Predicate.Op.EQ, value, one));
    }
    if (filter instanceof Predicate.Compare compare) {
      Object value = row.get(compare.column());
      return value == null ? null : compare(compare.op(), value, compare.literal());
    }
    throw new IllegalArgumentException("not judged here: " + filter);
  }

  private static @Nullable Boolean junction(
      List<Predicate> parts, Map<String, ? extends @Nullable Object> row, boolean decides) {
    Boolean all = !decides;
    for (Predicate part : parts) {
      Boolean one = judge(part, row);
      if (one != null && one == decides) {
        return decides;
      }
      all = one == null ? null : all;
    }
    return all;
  }

  private static boolean isNan(Object value) {
    return value instanceof Double wide
        ? wide.isNaN()
        : value instanceof Float narrow && narrow.isNaN();
  }

  /** Whether a value compares so to a literal, neither of them null. */
  public static boolean compare(Predicate.Op op, Object value, Object literal) {
    if (isNan(value)) {
      return op == Predicate.Op.NE;
    }
    int order = order(value, literal);
    return switch (op) {
      case EQ -> order == 0;
      case NE -> order != 0;
      case LT -> order < 0;
      case LE -> order <= 0;
      case GT -> order > 0;
      case GE -> order >= 0;
    };
  }

  @SuppressWarnings("unchecked")
  private static int order(Object value, Object literal) {
    if (value instanceof Float || value instanceof Double) {
      double a = ((Number) value).doubleValue();
      double b = ((Number) literal).doubleValue();
      return a < b ? -1 : a > b ? 1 : 0;
    }
    if (value instanceof BigDecimal decimal) {
      return decimal.compareTo((BigDecimal) literal);
    }
    if (value instanceof String text) {
      return Arrays.compareUnsigned(
          text.getBytes(StandardCharsets.UTF_8),
          ((String) literal).getBytes(StandardCharsets.UTF_8));
    }
    if (value instanceof byte[] bytes) {
      return Arrays.compareUnsigned(bytes, (byte[]) literal);
    }
    if (value instanceof UUID uuid) {
      UUID other = (UUID) literal;
      int high =
          Long.compareUnsigned(uuid.getMostSignificantBits(), other.getMostSignificantBits());
      return high != 0
          ? high
          : Long.compareUnsigned(uuid.getLeastSignificantBits(), other.getLeastSignificantBits());
    }
    return ((Comparable<Object>) value).compareTo(literal);
  }
}
