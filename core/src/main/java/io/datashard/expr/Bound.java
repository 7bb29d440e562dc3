package io.datashard.expr;

import io.datashard.schema.Field;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A predicate held against a schema: fields instead of names, literals of the column's own class,
 * and no negation left, so "false" and "unknown" need not be told apart.
 *
 * <p>Each leaf is false for null, except {@link IsNull} where {@code wanted}.
 */
public sealed interface Bound
    permits Bound.Constant,
        Bound.And,
        Bound.Or,
        Bound.Compare,
        Bound.In,
        Bound.IsNull,
        Bound.IsNan,
        Bound.StartsWith {

  /** Every row or none. */
  record Constant(boolean value) implements Bound {}

  /** All of them; at least two. */
  record And(List<Bound> parts) implements Bound {
    public And {
      parts = List.copyOf(parts);
    }
  }

  /** Any of them; at least two. */
  record Or(List<Bound> parts) implements Bound {
    public Or {
      parts = List.copyOf(parts);
    }
  }

  /**
   * {@code field op literal}.
   *
   * @param literal of the class that {@link io.datashard.schema.Type} lists for reading, never NaN
   * @param nanMatches what a NaN in the column gives; false for columns without NaN
   */
  record Compare(Field field, Predicate.Op op, Object literal, boolean nanMatches)
      implements Bound {}

  /**
   * {@code field in (literals)}, or not in.
   *
   * @param literals distinct, sorted, at least one, classes as for {@link Compare}, none NaN
   * @param wanted true for in, false for not in
   * @param nanMatches what a NaN in the column gives
   */
  record In(Field field, List<Object> literals, boolean wanted, boolean nanMatches)
      implements Bound {
    public In {
      literals = List.copyOf(literals);
    }
  }

  /** {@code field is null} if wanted, else is not null. */
  record IsNull(Field field, boolean wanted) implements Bound {}

  /** {@code field is nan} if wanted, else is a value other than NaN. */
  record IsNan(Field field, boolean wanted) implements Bound {}

  /** {@code field starts with prefix} if wanted, else does not; prefix is not empty. */
  record StartsWith(Field field, String prefix, boolean wanted) implements Bound {}

  /** How many rows of a file, row group or page satisfy a predicate, as far as facts tell. */
  enum Match {
    NONE,
    SOME,
    ALL
  }

  /**
   * What is known of one column in a file, row group or page.
   *
   * @param rows how many rows there are, nulls included; -1 if not known
   * @param nulls how many are null; -1 if not known
   * @param nans how many are NaN; -1 if not known; 0 for columns without NaN
   * @param lower no value (NaN aside) is smaller; of the class that Type lists; null if not known
   * @param upper no value (NaN aside) is larger; null if not known
   * @param upperIncluded whether {@code upper} itself may be among the values
   * @param holds whether a value may be among them at all, whatever the bounds say
   */
  record Facts(
      long rows,
      long nulls,
      long nans,
      @Nullable Object lower,
      @Nullable Object upper,
      boolean upperIncluded,
      java.util.function.Predicate<Object> holds) {
    /** Nothing is known. */
    public static final Facts UNKNOWN = new Facts(-1, -1, -1, null, null);

    /** Facts of bounds that may be values themselves, and nothing else about values. */
    public Facts(long rows, long nulls, long nans, @Nullable Object lower, @Nullable Object upper) {
      this(rows, nulls, nans, lower, upper, true, ANYTHING);
    }
  }

  /** Of columns of which nothing but bounds is known. */
  java.util.function.Predicate<Object> ANYTHING = value -> true;

  /**
   * What facts alone tell: NONE and ALL are certain, SOME means look.
   *
   * @param facts what is known of each column asked for
   */
  default Match match(Function<Field, Facts> facts) {
    return FactsMatch.of(this, facts);
  }

  /**
   * What is left to ask of the rows of a file, row group or page: for those rows the same as this
   * predicate, without the parts that the facts settle. {@code Constant(true)} where {@link #match}
   * is ALL, {@code Constant(false)} where it is NONE.
   *
   * @param facts what is known of each column asked for
   */
  default Bound residual(Function<Field, Facts> facts) {
    return FactsMatch.residual(this, facts);
  }

  /** The columns the predicate looks at, each once. */
  default List<Field> fields() {
    return FactsMatch.fields(this);
  }
}
