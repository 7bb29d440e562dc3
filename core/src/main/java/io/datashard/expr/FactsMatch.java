package io.datashard.expr;

import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Bound.Match;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Decides from facts alone whether no row, some or all rows satisfy a predicate.
 *
 * <p>A column's rows fall into three groups: nulls, NaNs and ordinary values. For each leaf we ask
 * of each group whether it may be there at all and what the leaf gives for it; whatever is not
 * known may be. Bounds need not be tight: a bound cut short still has every value on its inner
 * side, and that is all that is used.
 */
final class FactsMatch {
  private FactsMatch() {}

  static Match of(Bound bound, Function<Field, Facts> facts) {
    if (bound instanceof Bound.Constant constant) {
      return constant.value() ? Match.ALL : Match.NONE;
    }
    if (bound instanceof Bound.And and) {
      return ofAll(and.parts(), facts, Match.NONE, Match.ALL);
    }
    if (bound instanceof Bound.Or or) {
      return ofAll(or.parts(), facts, Match.ALL, Match.NONE);
    }
    if (bound instanceof Bound.IsNull leaf) {
      Known known = Known.of(leaf.field(), facts);
      return known.match(leaf.wanted(), !leaf.wanted(), allOrNone(!leaf.wanted()));
    }
    if (bound instanceof Bound.IsNan leaf) {
      Known known = Known.of(leaf.field(), facts);
      return known.match(false, leaf.wanted(), allOrNone(!leaf.wanted()));
    }
    if (bound instanceof Bound.Compare leaf) {
      Known known = Known.of(leaf.field(), facts);
      return known.match(false, leaf.nanMatches(), known.compare(leaf.op(), leaf.literal()));
    }
    if (bound instanceof Bound.In leaf) {
      Known known = Known.of(leaf.field(), facts);
      Match in = known.in(leaf.literals());
      return known.match(false, leaf.nanMatches(), leaf.wanted() ? in : opposite(in));
    }
    Bound.StartsWith leaf = (Bound.StartsWith) bound;
    Known known = Known.of(leaf.field(), facts);
    Match starts = known.startsWith(leaf.prefix());
    return known.match(false, false, leaf.wanted() ? starts : opposite(starts));
  }

  static Bound residual(Bound bound, Function<Field, Facts> facts) {
    boolean all = bound instanceof Bound.And;
    if (!all && !(bound instanceof Bound.Or)) {
      return switch (of(bound, facts)) {
        case NONE -> new Bound.Constant(false);
        case SOME -> bound;
        case ALL -> new Bound.Constant(true);
      };
    }
    List<Bound> left = new ArrayList<>();
    for (Bound part : all ? ((Bound.And) bound).parts() : ((Bound.Or) bound).parts()) {
      Bound rest = residual(part, facts);
      if (!(rest instanceof Bound.Constant constant)) {
        left.add(rest);
      } else if (constant.value() != all) {
        return constant;
      }
    }
    if (left.isEmpty()) {
      return new Bound.Constant(all);
    }
    if (left.size() == 1) {
      return left.get(0);
    }
    return all ? new Bound.And(left) : new Bound.Or(left);
  }

  static List<Field> fields(Bound bound) {
    Map<Integer, Field> byId = new LinkedHashMap<>();
    collect(bound, byId);
    return List.copyOf(byId.values());
  }

  private static void collect(Bound bound, Map<Integer, Field> byId) {
    if (bound instanceof Bound.And and) {
      and.parts().forEach(part -> collect(part, byId));
    } else if (bound instanceof Bound.Or or) {
      or.parts().forEach(part -> collect(part, byId));
    } else {
      @Nullable Field field = fieldOf(bound);
      if (field != null) {
        byId.putIfAbsent(field.id(), field);
      }
    }
  }

  private static @Nullable Field fieldOf(Bound leaf) {
    if (leaf instanceof Bound.Compare compare) {
      return compare.field();
    }
    if (leaf instanceof Bound.In in) {
      return in.field();
    }
    if (leaf instanceof Bound.IsNull isNull) {
      return isNull.field();
    }
    if (leaf instanceof Bound.IsNan isNan) {
      return isNan.field();
    }
    return leaf instanceof Bound.StartsWith startsWith ? startsWith.field() : null;
  }

  /** One part that gives {@code deciding} decides; all must give {@code other} for that one. */
  private static Match ofAll(
      Collection<Bound> parts, Function<Field, Facts> facts, Match deciding, Match other) {
    Match all = other;
    for (Bound part : parts) {
      Match match = of(part, facts);
      if (match == deciding) {
        return deciding;
      }
      if (match == Match.SOME) {
        all = Match.SOME;
      }
    }
    return all;
  }

  private static Match allOrNone(boolean all) {
    return all ? Match.ALL : Match.NONE;
  }

  private static Match opposite(Match match) {
    return switch (match) {
      case NONE -> Match.ALL;
      case SOME -> Match.SOME;
      case ALL -> Match.NONE;
    };
  }

  /** What may be in a column, and where its ordinary values lie. */
  private record Known(
      Type type,
      boolean nulls,
      boolean nans,
      boolean ordinary,
      @Nullable Object lower,
      @Nullable Object upper,
      boolean upperIncluded,
      Predicate<Object> holds) {

    static Known of(Field field, Function<Field, Facts> source) {
      Type type = field.type();
      Facts facts = source.apply(field);
      boolean canBeNan = type == Type.FLOAT || type == Type.DOUBLE;
      long nanCount = canBeNan ? facts.nans() : 0;
      boolean noRows = facts.rows() == 0;
      boolean onlyNulls = facts.rows() >= 0 && facts.nulls() >= facts.rows();
      boolean onlyNullsOrNans =
          facts.rows() >= 0
              && facts.nulls() >= 0
              && nanCount >= 0
              && facts.nulls() >= facts.rows() - nanCount;
      // Writers that took NaN for a bound did not order the rest either.
      boolean ordered = !isNan(facts.lower()) && !isNan(facts.upper());
      @Nullable Object lower = ordered ? facts.lower() : null;
      @Nullable Object upper = ordered ? facts.upper() : null;
      if (lower != null && upper != null && type == Type.UUID) {
        UUID low = (UUID) lower;
        UUID high = (UUID) upper;
        lower = uuidBound(low, high, true);
        upper = uuidBound(low, high, false);
      } else if (type == Type.UUID) {
        lower = null;
        upper = null;
      }
      int most = facts.upperIncluded() ? 0 : -1;
      if (lower != null && upper != null && ValueOrder.compare(type, lower, upper) > most) {
        lower = null; // Bounds that exclude every value tell nothing.
        upper = null;
      }
      return new Known(
          type,
          facts.nulls() != 0 && !noRows,
          nanCount != 0 && !noRows && !onlyNulls,
          !noRows && !onlyNullsOrNans && !onlyNulls,
          lower,
          upper,
          facts.upperIncluded(),
          facts.holds());
    }

    private static boolean isNan(@Nullable Object bound) {
      return bound instanceof Double wide
          ? wide.isNaN()
          : bound instanceof Float narrow && narrow.isNaN();
    }

    /**
     * A uuid bound that holds in either order. Writers disagree: Iceberg's Java library long
     * compared both halves as signed numbers, others compare unsigned bytes. If both bounds have
     * the same highest bit, the orders agree on the upper half, which is all that is kept. If only
     * the upper bound has it, the order was unsigned. If only the lower one has it, the order was
     * signed, and in ours the bounds stand the wrong way round, which drops them.
     */
    private static UUID uuidBound(UUID lower, UUID upper, boolean wantLower) {
      UUID bound = wantLower ? lower : upper;
      boolean unsigned = lower.getMostSignificantBits() >= 0 && upper.getMostSignificantBits() < 0;
      return unsigned || lower.equals(upper)
          ? bound
          : new UUID(bound.getMostSignificantBits(), wantLower ? 0L : -1L);
    }

    Match match(boolean nullGives, boolean nanGives, Match ordinaryGives) {
      boolean mayBeTrue =
          (nulls && nullGives) || (nans && nanGives) || (ordinary && ordinaryGives != Match.NONE);
      boolean mayBeFalse =
          (nulls && !nullGives) || (nans && !nanGives) || (ordinary && ordinaryGives != Match.ALL);
      if (!mayBeTrue) {
        return Match.NONE;
      }
      return mayBeFalse ? Match.SOME : Match.ALL;
    }

    Match compare(io.datashard.expr.Predicate.Op op, Object literal) {
      return switch (op) {
        case EQ -> in(List.of(literal));
        case NE -> opposite(in(List.of(literal)));
        case LT -> below(literal, false);
        case LE -> below(literal, true);
        case GT -> opposite(below(literal, true));
        case GE -> opposite(below(literal, false));
      };
    }

    private Match below(Object literal, boolean orEqual) {
      int limit = orEqual ? 0 : -1;
      if (upper != null && sign(upper, literal) <= (upperIncluded ? limit : 0)) {
        return Match.ALL;
      }
      return lower != null && sign(lower, literal) > limit ? Match.NONE : Match.SOME;
    }

    private Match in(List<Object> all) {
      List<Object> literals = all;
      if (holds != Bound.ANYTHING) {
        literals = all.stream().filter(holds).toList();
      }
      return inRange(literals);
    }

    /** The literals are sorted: the first that is not below the lower bound decides. */
    private Match inRange(List<Object> literals) {
      int first = 0;
      int end = lower == null ? 0 : literals.size();
      while (lower != null && first < end) {
        int middle = (first + end) >>> 1;
        if (sign(lower, literals.get(middle)) > 0) {
          first = middle + 1;
        } else {
          end = middle;
        }
      }
      if (first == literals.size()) {
        return Match.NONE;
      }
      Object nearest = literals.get(first);
      if (upper == null) {
        return Match.SOME;
      }
      int toUpper = sign(upper, nearest);
      if (toUpper < 0 || toUpper == 0 && !upperIncluded) {
        return Match.NONE;
      }
      return toUpper == 0 && lower != null && sign(lower, nearest) == 0 ? Match.ALL : Match.SOME;
    }

    /** All texts that start alike lie together, and the prefix itself is the first of them. */
    private Match startsWith(String prefix) {
      boolean lowerStarts = lower != null && ((String) lower).startsWith(prefix);
      if (lowerStarts && endsBefore(prefix)) {
        return Match.ALL;
      }
      boolean above = lower != null && !lowerStarts && sign(lower, prefix) > 0;
      boolean below = upper != null && sign(upper, prefix) < (upperIncluded ? 0 : 1);
      return above || below ? Match.NONE : Match.SOME;
    }

    /** Whether no value lies behind all that start with the prefix. */
    private boolean endsBefore(String prefix) {
      @Nullable String next = Successor.of(prefix);
      if (next == null) {
        return true;
      }
      return upper != null
          && (((String) upper).startsWith(prefix) || !upperIncluded && sign(upper, next) <= 0);
    }

    private int sign(Object bound, Object literal) {
      return Integer.signum(ValueOrder.compare(type, bound, literal));
    }
  }
}
