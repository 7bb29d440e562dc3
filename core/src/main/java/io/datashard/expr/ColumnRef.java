package io.datashard.expr;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;

/** A column by name, waiting for what is asked of it. Literals are Java values, not null. */
public record ColumnRef(String name) {
  /** {@code column = literal}. */
  public Predicate eq(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.EQ, literal);
  }

  /** {@code column != literal}. */
  public Predicate ne(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.NE, literal);
  }

  /** {@code column < literal}. */
  public Predicate lt(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.LT, literal);
  }

  /** {@code column <= literal}. */
  public Predicate le(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.LE, literal);
  }

  /** {@code column > literal}. */
  public Predicate gt(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.GT, literal);
  }

  /** {@code column >= literal}. */
  public Predicate ge(Object literal) {
    return new Predicate.Compare(name, Predicate.Op.GE, literal);
  }

  /** {@code column between low and high}, both included. */
  public Predicate between(Object low, Object high) {
    return ge(low).and(le(high));
  }

  /** {@code column in (literals)}. */
  public Predicate in(Object... literals) {
    return new Predicate.In(name, Arrays.asList(literals));
  }

  /** {@code column in (literals)}. */
  public Predicate in(Collection<?> literals) {
    return new Predicate.In(name, new ArrayList<>(literals));
  }

  /** {@code column not in (literals)}. */
  public Predicate notIn(Object... literals) {
    return Predicate.not(in(literals));
  }

  /** {@code column is null}. */
  public Predicate isNull() {
    return new Predicate.IsNull(name);
  }

  /** {@code column is not null}. */
  public Predicate isNotNull() {
    return Predicate.not(isNull());
  }

  /** {@code column is nan}; for float and double. */
  public Predicate isNan() {
    return new Predicate.IsNan(name);
  }

  /** {@code column starts with prefix}; for strings. */
  public Predicate startsWith(String prefix) {
    return new Predicate.StartsWith(name, prefix);
  }
}
