package io.datashard.internal.scan;

import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.internal.manifest.BoundLane;
import io.datashard.internal.manifest.ManifestColumns;
import io.datashard.schema.Field;
import io.datashard.schema.SingleValue;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * Tells for all files of a manifest at once which may hold a row that a filter wants: a loop over
 * the columns of bounds and counts for each part of the filter. It only leaves files out that
 * {@link Bound#residual} with their {@link ColumnFacts} would leave out too, so whoever looks at
 * the others one by one misses none; what is not told here is a candidate.
 */
final class Candidates {
  /** Of more literals only the first and the last are looked at. */
  private static final int LITERALS_MAX = 16;

  private final ManifestColumns files;

  private Candidates(ManifestColumns files) {
    this.files = files;
  }

  /** A bit for each file, 64 a word. */
  static long[] of(Bound filter, ManifestColumns files) {
    return new Candidates(files).of(filter);
  }

  static boolean has(long[] candidates, int file) {
    return (candidates[file >> 6] & 1L << file) != 0;
  }

  private long[] of(Bound filter) {
    if (filter instanceof Bound.Constant constant) {
      return constant.value() ? all() : none();
    }
    if (filter instanceof Bound.And and) {
      long[] left = of(and.parts().get(0));
      for (Bound part : and.parts().subList(1, and.parts().size())) {
        long[] more = of(part);
        for (int i = 0; i < left.length; i++) {
          left[i] &= more[i];
        }
      }
      return left;
    }
    if (filter instanceof Bound.Or or) {
      long[] any = of(or.parts().get(0));
      for (Bound part : or.parts().subList(1, or.parts().size())) {
        long[] more = of(part);
        for (int i = 0; i < any.length; i++) {
          any[i] |= more[i];
        }
      }
      return any;
    }
    if (filter instanceof Bound.Compare leaf) {
      BoundLane lane = lane(leaf.field());
      return where(lane, leaf.nanMatches(), range(lane, leaf.op(), leaf.literal()));
    }
    if (filter instanceof Bound.In leaf && leaf.wanted()) {
      BoundLane lane = lane(leaf.field());
      return where(lane, leaf.nanMatches(), oneOf(lane, leaf.literals()));
    }
    if (filter instanceof Bound.IsNull leaf) {
      BoundLane lane = lane(leaf.field());
      return leaf.wanted()
          ? where(lane, file -> lane.nullCount(file) != 0)
          : where(lane, file -> lane.nullCount(file) < files.recordCount(file));
    }
    if (filter instanceof Bound.StartsWith leaf && leaf.wanted()) {
      BoundLane lane = lane(leaf.field());
      if (!isText(leaf.prefix())) {
        return all();
      }
      byte[] prefix = SingleValue.toBytes(leaf.field().type(), leaf.prefix());
      return where(
          lane,
          false,
          file ->
              lane.compareUpper(file, prefix) >= 0
                  && (lane.compareLower(file, prefix) <= 0 || lane.lowerStartsWith(file, prefix)));
    }
    return all();
  }

  private BoundLane lane(Field field) {
    return files.metrics(field).lane();
  }

  private long[] none() {
    return new long[(files.size() + 63) >> 6];
  }

  private long[] all() {
    long[] words = none();
    Arrays.fill(words, -1);
    return words;
  }

  private long[] where(BoundLane lane, IntPredicate may) {
    long[] words = none();
    for (int file = 0; file < files.size(); file++) {
      if (lane.isUnsure(file) || may.test(file)) {
        words[file >> 6] |= 1L << file;
      }
    }
    return words;
  }

  /** As {@link #where}, of a test of values that are neither null nor NaN. */
  private long[] where(BoundLane lane, boolean nanMatches, IntPredicate may) {
    return where(
        lane,
        file -> {
          long rows = files.recordCount(file);
          long nulls = lane.nullCount(file);
          long nans = lane.nanCount(file);
          if (nanMatches && nans != 0 && nulls < rows) {
            return true;
          }
          boolean hasValues = nulls < 0 || nans < 0 ? nulls < rows : nulls + nans < rows;
          return hasValues && may.test(file);
        });
  }

  private static IntPredicate range(BoundLane lane, Predicate.Op op, Object literal) {
    return switch (lane.order()) {
      case NUMBERS -> numbers(lane, op, literal);
      case BYTES ->
          isText(literal)
              ? bytes(lane, op, SingleValue.toBytes(lane.type(), literal))
              : file -> true;
      case NONE -> file -> true;
    };
  }

  /** Half of a pair of surrogates has no bytes. */
  private static boolean isText(Object literal) {
    return !(literal instanceof String text) || StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private static IntPredicate numbers(BoundLane lane, Predicate.Op op, Object literal) {
    long value;
    try {
      value = BoundLane.numberOf(lane.type(), literal);
    } catch (IllegalArgumentException | ArithmeticException e) {
      return file -> true;
    }
    return switch (op) {
      case EQ -> file -> lane.lowerNumber(file) <= value && lane.upperNumber(file) >= value;
      case NE -> file -> lane.lowerNumber(file) != value || lane.upperNumber(file) != value;
      case LE -> file -> lane.lowerNumber(file) <= value;
      case GE -> file -> lane.upperNumber(file) >= value;
      // A bound at the end of the order may be none at all.
      case LT -> file -> lane.lowerNumber(file) < value || lane.lowerNumber(file) == Long.MIN_VALUE;
      case GT -> file -> lane.upperNumber(file) > value || lane.upperNumber(file) == Long.MAX_VALUE;
    };
  }

  private static IntPredicate bytes(BoundLane lane, Predicate.Op op, byte[] value) {
    return switch (op) {
      case EQ -> file -> lane.compareLower(file, value) <= 0 && lane.compareUpper(file, value) >= 0;
      case NE -> file -> lane.compareLower(file, value) != 0 || lane.compareUpper(file, value) != 0;
      case LE -> file -> lane.compareLower(file, value) <= 0;
      case GE -> file -> lane.compareUpper(file, value) >= 0;
      case LT -> file -> lane.compareLower(file, value) < 0;
      case GT -> file -> lane.compareUpper(file, value) > 0;
    };
  }

  private static IntPredicate oneOf(BoundLane lane, List<Object> literals) {
    if (literals.size() > LITERALS_MAX) {
      IntPredicate fromFirst = range(lane, Predicate.Op.GE, literals.get(0));
      IntPredicate toLast = range(lane, Predicate.Op.LE, literals.get(literals.size() - 1));
      return fromFirst.and(toLast);
    }
    IntPredicate any = range(lane, Predicate.Op.EQ, literals.get(0));
    for (Object literal : literals.subList(1, literals.size())) {
      any = any.or(range(lane, Predicate.Op.EQ, literal));
    }
    return any;
  }
}
