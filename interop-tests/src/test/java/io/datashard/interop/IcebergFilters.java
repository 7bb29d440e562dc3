package io.datashard.interop;

import io.datashard.expr.Predicate;
import io.datashard.expr.Predicate.Op;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;

/**
 * Predicates as expressions of iceberg-core.
 *
 * <p>Its evaluator orders null before and NaN after all values, and -0.0 before 0.0; here negations
 * are pushed to the leaves and null, NaN and both zeros are said by hand, so that the meaning is
 * that of {@link Predicate}.
 */
final class IcebergFilters {
  private final Schema schema;

  private IcebergFilters(Schema schema) {
    this.schema = schema;
  }

  static Expression of(Predicate predicate, Schema schema) {
    return new IcebergFilters(schema).expression(predicate, false);
  }

  private Expression expression(Predicate predicate, boolean negated) {
    if (predicate instanceof Predicate.Not not) {
      return expression(not.part(), !negated);
    }
    if (predicate instanceof Predicate.And and) {
      return junction(and.parts(), negated, !negated);
    }
    if (predicate instanceof Predicate.Or or) {
      return junction(or.parts(), negated, negated);
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      String column = isNull.column();
      return negated ? Expressions.notNull(column) : Expressions.isNull(column);
    }
    if (predicate instanceof Predicate.IsNan isNan) {
      String column = isNan.column();
      return negated ? present(column, Expressions.notNaN(column)) : Expressions.isNaN(column);
    }
    if (predicate instanceof Predicate.StartsWith starts) {
      String column = starts.column();
      return present(
          column,
          negated
              ? Expressions.notStartsWith(column, starts.prefix())
              : Expressions.startsWith(column, starts.prefix()));
    }
    if (predicate instanceof Predicate.In in) {
      return in(in.column(), in.literals(), negated);
    }
    if (predicate instanceof Predicate.Compare compare) {
      return compare(compare, negated);
    }
    throw new IllegalArgumentException("no iceberg-core form of " + predicate);
  }

  private Expression junction(List<Predicate> parts, boolean negated, boolean all) {
    Expression whole = all ? Expressions.alwaysTrue() : Expressions.alwaysFalse();
    for (Predicate part : parts) {
      Expression next = expression(part, negated);
      whole = all ? Expressions.and(whole, next) : Expressions.or(whole, next);
    }
    return whole;
  }

  private static Expression present(String column, Expression test) {
    return Expressions.and(Expressions.notNull(column), test);
  }

  private Expression in(String column, List<Object> literals, boolean negated) {
    List<Object> values = new ArrayList<>();
    for (Object literal : literals) {
      values.addAll(isZero(literal) ? zeros(literal) : List.of(literal(column, literal)));
    }
    Object[] array = values.toArray();
    if (!negated) {
      return Expressions.in(column, array);
    }
    return present(column, withNan(column, Expressions.notIn(column, array), true));
  }

  private Expression compare(Predicate.Compare compare, boolean negated) {
    String column = compare.column();
    Op op = negated ? compare.op().negated() : compare.op();
    boolean nanMatches = (compare.op() == Op.NE) != negated;
    if (isZero(compare.literal()) && (op == Op.EQ || op == Op.NE)) {
      return in(column, List.of(compare.literal()), op == Op.NE);
    }
    Object value = literal(column, compare.literal());
    if (isZero(value)) {
      boolean lowest = op == Op.LT || op == Op.GE;
      value = zeros(value).get(lowest ? 0 : 1);
    }
    Expression test =
        switch (op) {
          case EQ -> Expressions.equal(column, value);
          case NE -> Expressions.notEqual(column, value);
          case LT -> Expressions.lessThan(column, value);
          case LE -> Expressions.lessThanOrEqual(column, value);
          case GT -> Expressions.greaterThan(column, value);
          case GE -> Expressions.greaterThanOrEqual(column, value);
        };
    return present(column, withNan(column, test, nanMatches));
  }

  private Expression withNan(String column, Expression test, boolean nanMatches) {
    Type type = schema.field(column).type();
    if (type != Type.FLOAT && type != Type.DOUBLE) {
      return test;
    }
    return nanMatches
        ? Expressions.or(test, Expressions.isNaN(column))
        : Expressions.and(test, Expressions.notNaN(column));
  }

  private static boolean isZero(Object literal) {
    return literal instanceof Double d && d == 0 || literal instanceof Float f && f == 0;
  }

  /** Negative and positive zero, in the order that iceberg-core gives them. */
  private static List<Object> zeros(Object literal) {
    return literal instanceof Double ? List.of(-0.0, 0.0) : List.of(-0.0f, 0.0f);
  }

  /** Dates as days, times as microseconds, bytes as buffers: what literals take without a text. */
  private Object literal(String column, Object value) {
    Type type = schema.field(column).type();
    return switch (type.kind()) {
      case DATE -> Integer.parseInt(RowText.cell(type, value));
      case TIME, TIMESTAMP, TIMESTAMPTZ -> Long.parseLong(RowText.cell(type, value));
      case DECIMAL -> ((BigDecimal) value).setScale(((Type.Decimal) type).scale());
      case FIXED, BINARY -> ByteBuffer.wrap(Arrays.copyOf((byte[]) value, ((byte[]) value).length));
      default -> value;
    };
  }
}
