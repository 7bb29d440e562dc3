package io.datashard.expr;

import io.datashard.error.FilterException;
import io.datashard.schema.Schema;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which rows are wanted, by column names; not yet held against a schema.
 *
 * <p>Built from {@link #column} or {@link #parse}. NULL follows SQL's three-valued logic: a
 * comparison with a null value is neither true nor false, and only rows for which the whole is true
 * are kept. NaN follows IEEE 754, as in pandas, PyIceberg and Java itself: every comparison with
 * NaN is false except {@code !=} and {@code not in}; {@code -0.0 = 0.0}.
 */
public sealed interface Predicate
    permits Predicate.Compare,
        Predicate.In,
        Predicate.IsNull,
        Predicate.IsNan,
        Predicate.StartsWith,
        Predicate.And,
        Predicate.Or,
        Predicate.Not,
        Predicate.Constant {

  /** How a comparison compares. */
  enum Op {
    EQ("="),
    NE("!="),
    LT("<"),
    LE("<="),
    GT(">"),
    GE(">=");

    private final String sign;

    Op(String sign) {
      this.sign = sign;
    }

    /** As a filter text writes it. */
    public String sign() {
      return sign;
    }

    /** The comparison that holds for exactly the ordered pairs for which this one does not. */
    public Op negated() {
      return switch (this) {
        case EQ -> NE;
        case NE -> EQ;
        case LT -> GE;
        case LE -> GT;
        case GT -> LE;
        case GE -> LT;
      };
    }
  }

  /** {@code column op literal}; the literal is a Java value, not null. */
  record Compare(String column, Op op, Object literal) implements Predicate {
    public Compare {
      refuseNull(column, literal);
    }
  }

  /**
   * {@code column in (literals)}; no literal is null. With no literals it is false for every row,
   * null too, and its opposite is true for every row.
   */
  record In(String column, List<Object> literals) implements Predicate {
    public In {
      literals.forEach(literal -> refuseNull(column, literal));
      literals = List.copyOf(literals);
    }
  }

  /** {@code column is null}. */
  record IsNull(String column) implements Predicate {}

  /** {@code column is nan}; for float and double. */
  record IsNan(String column) implements Predicate {}

  /** {@code column starts with prefix}; for strings. */
  record StartsWith(String column, String prefix) implements Predicate {}

  /** All of them. */
  record And(List<Predicate> parts) implements Predicate {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** Any of them. */
  record Or(List<Predicate> parts) implements Predicate {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /** The opposite; null stays neither true nor false. */
  record Not(Predicate part) implements Predicate {}

  /** Every row or none. */
  record Constant(boolean value) implements Predicate {}

  private static void refuseNull(String column, @Nullable Object literal) {
    if (literal == null) {
      throw new FilterException(
          "Column '"
              + column
              + "' is compared with null, which is true for no row. Ask isNull() or isNotNull(), in"
              + " text IS NULL or IS NOT NULL.");
    }
  }

  /** Every row. */
  Predicate ALWAYS = new Constant(true);

  /** Starts a predicate on the column of this name. */
  static ColumnRef column(String name) {
    return new ColumnRef(name);
  }

  /**
   * Reads a filter text such as {@code status = 'failed' AND age > 30}.
   *
   * @throws FilterException the text cannot be understood; the place is shown
   */
  static Predicate parse(String text) {
    return FilterParser.parse(text);
  }

  /** All of these. */
  static Predicate and(Predicate... parts) {
    return new And(Arrays.asList(parts));
  }

  /** Any of these. */
  static Predicate or(Predicate... parts) {
    return new Or(Arrays.asList(parts));
  }

  /** The opposite of this one. */
  static Predicate not(Predicate part) {
    return new Not(part);
  }

  /** This and the other. */
  default Predicate and(Predicate other) {
    return new And(List.of(this, other));
  }

  /** This or the other. */
  default Predicate or(Predicate other) {
    return new Or(List.of(this, other));
  }

  /**
   * Holds the predicate against a schema.
   *
   * @throws FilterException a column does not exist, a literal does not fit its column's type, or
   *     the column's type has no such operator
   */
  default Bound bind(Schema schema) {
    return Binder.bind(this, schema);
  }
}
