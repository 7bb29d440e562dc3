package io.datashard.expr;

import io.datashard.error.FilterException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Holds a predicate against a schema.
 *
 * <p>Negations are pushed down to the leaves by De Morgan's laws, which hold in three-valued logic.
 * A negated leaf is again false for null, where the leaf itself was neither true nor false. For NaN
 * it is what the leaf was not: {@code x > 5} is false for NaN, so {@code not x > 5} is true and
 * {@code x <= 5} is not.
 */
final class Binder {
  /** Alternations of and, or; far below what would exhaust the stack. */
  private static final int DEPTH_MAX = 500;

  private final Schema schema;

  private Binder(Schema schema) {
    this.schema = schema;
  }

  static Bound bind(Predicate predicate, Schema schema) {
    return new Binder(schema).bind(predicate, false, 0);
  }

  private record Signed(Predicate predicate, boolean negated) {
    /** The same without a leading not. */
    Signed stripped() {
      Predicate inner = predicate;
      boolean flipped = negated;
      while (inner instanceof Predicate.Not not) {
        inner = not.part();
        flipped = !flipped;
      }
      return new Signed(inner, flipped);
    }

    boolean isAnd() {
      return negated ? predicate instanceof Predicate.Or : predicate instanceof Predicate.And;
    }

    boolean isOr() {
      return negated ? predicate instanceof Predicate.And : predicate instanceof Predicate.Or;
    }

    List<Predicate> parts() {
      return predicate instanceof Predicate.And and
          ? and.parts()
          : ((Predicate.Or) predicate).parts();
    }
  }

  private Bound bind(Predicate predicate, boolean negated, int depth) {
    if (depth > DEPTH_MAX) {
      throw new FilterException(
          "The filter alternates AND and OR more than "
              + DEPTH_MAX
              + " levels deep. Write it flatter, for instance with IN.");
    }
    Signed signed = new Signed(predicate, negated).stripped();
    if (signed.isAnd() || signed.isOr()) {
      return junction(signed, depth);
    }
    return leaf(signed.predicate(), signed.negated());
  }

  /**
   * All of, or any of. Nested ones of the same kind are laid flat without recursion, so that a
   * chain built by a loop may be long.
   */
  private Bound junction(Signed top, int depth) {
    boolean all = top.isAnd();
    List<Bound> parts = new ArrayList<>();
    boolean decided = false;
    Deque<Signed> open = new ArrayDeque<>();
    open.push(top);
    while (!open.isEmpty()) {
      Signed next = open.pop().stripped();
      if (all ? next.isAnd() : next.isOr()) {
        List<Predicate> inside = next.parts();
        for (int i = inside.size() - 1; i >= 0; i--) {
          open.push(new Signed(inside.get(i), next.negated()));
        }
        continue;
      }
      // Every part is bound, also when the outcome is settled: a wrong name is always an error.
      Bound part = bind(next.predicate(), next.negated(), depth + 1);
      if (part instanceof Bound.Constant constant) {
        decided |= constant.value() != all;
      } else {
        addFlat(part, all, parts);
      }
    }
    if (decided || parts.isEmpty()) {
      return new Bound.Constant(all != decided);
    }
    if (parts.size() == 1) {
      return parts.get(0);
    }
    return all ? new Bound.And(parts) : new Bound.Or(parts);
  }

  private static void addFlat(Bound part, boolean all, List<Bound> parts) {
    if (all && part instanceof Bound.And and) {
      parts.addAll(and.parts());
    } else if (!all && part instanceof Bound.Or or) {
      parts.addAll(or.parts());
    } else {
      parts.add(part);
    }
  }

  private Bound leaf(Predicate predicate, boolean negated) {
    if (predicate instanceof Predicate.Constant constant) {
      return new Bound.Constant(constant.value() != negated);
    }
    if (predicate instanceof Predicate.Compare compare) {
      return compare(compare, negated);
    }
    if (predicate instanceof Predicate.In in) {
      return in(in, negated);
    }
    if (predicate instanceof Predicate.IsNull isNull) {
      return new Bound.IsNull(field(isNull.column()), !negated);
    }
    if (predicate instanceof Predicate.IsNan isNan) {
      Field field = field(isNan.column());
      if (!hasNan(field.type())) {
        throw new FilterException(
            described(field) + " is never NaN: IS NAN is for float and double columns.");
      }
      return new Bound.IsNan(field, !negated);
    }
    return startsWith((Predicate.StartsWith) predicate, negated);
  }

  private Bound compare(Predicate.Compare compare, boolean negated) {
    Field field = field(compare.column());
    Predicate.Op op = compare.op();
    boolean ordering = op != Predicate.Op.EQ && op != Predicate.Op.NE;
    if (ordering && field.type() == Type.BOOLEAN) {
      throw new FilterException(
          described(field) + " has no order: use = or != instead of " + op.sign() + ".");
    }
    Object literal = Literals.of(field, compare.literal());
    boolean nanMatches = hasNan(field.type()) && (op == Predicate.Op.NE) != negated;
    return new Bound.Compare(field, negated ? op.negated() : op, literal, nanMatches);
  }

  private Bound in(Predicate.In in, boolean negated) {
    Field field = field(in.column());
    if (in.literals().isEmpty()) {
      return new Bound.Constant(negated);
    }
    List<Object> sorted = new ArrayList<>(in.literals().size());
    in.literals().forEach(literal -> sorted.add(Literals.of(field, literal)));
    sorted.sort((a, b) -> ValueOrder.compare(field.type(), a, b));
    List<Object> distinct = new ArrayList<>(sorted.size());
    for (Object literal : sorted) {
      if (distinct.isEmpty()
          || ValueOrder.compare(field.type(), distinct.get(distinct.size() - 1), literal) != 0) {
        distinct.add(literal);
      }
    }
    boolean nanMatches = hasNan(field.type()) && negated;
    if (distinct.size() == 1) {
      Predicate.Op op = negated ? Predicate.Op.NE : Predicate.Op.EQ;
      return new Bound.Compare(field, op, distinct.get(0), nanMatches);
    }
    return new Bound.In(field, distinct, !negated, nanMatches);
  }

  private Bound startsWith(Predicate.StartsWith startsWith, boolean negated) {
    Field field = field(startsWith.column());
    if (field.type() != Type.STRING) {
      throw new FilterException(
          described(field) + " has no beginning: STARTS WITH is for string columns.");
    }
    String prefix = (String) Literals.of(field, startsWith.prefix());
    if (prefix.isEmpty()) { // Every text starts with nothing, and null still does not.
      return negated ? new Bound.Constant(false) : new Bound.IsNull(field, false);
    }
    return new Bound.StartsWith(field, prefix, !negated);
  }

  private Field field(String name) {
    if (schema.has(name)) {
      return schema.field(name);
    }
    String hint =
        schema.names().stream()
            .filter(name::equalsIgnoreCase)
            .findFirst()
            .map(near -> " Names are case-sensitive: did you mean '" + near + "'?")
            .orElse("");
    throw new FilterException(
        "There is no column '"
            + name
            + "'."
            + hint
            + " Columns: "
            + String.join(", ", schema.names())
            + ".");
  }

  static String described(Field field) {
    return "Column '" + field.name() + "' of type " + field.type();
  }

  private static boolean hasNan(Type type) {
    return type == Type.FLOAT || type == Type.DOUBLE;
  }
}
