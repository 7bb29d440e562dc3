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

  /** The first candidate from this file on; a large number if there is none. */
  static int next(long[] candidates, int file) {
    for (int word = file >> 6; word < candidates.length; word++) {
      long left = candidates[word] & (word == file >> 6 ? -1L << file : -1L);
      if (left != 0) {
        return (word << 6) + Long.numberOfTrailingZeros(left);
      }
    }
    return Integer.MAX_VALUE;
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
        and(left, of(part));
      }
      return left;
    }
    if (filter instanceof Bound.Or or) {
      long[] any = of(or.parts().get(0));
      for (Bound part : or.parts().subList(1, or.parts().size())) {
        or(any, of(part));
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
          those(
              file ->
                  lane.compareUpper(file, prefix) >= 0
                      && (lane.compareLower(file, prefix) <= 0
                          || lane.lowerStartsWith(file, prefix))));
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
    if (words.length > 0) {
      words[words.length - 1] >>>= -files.size(); // as many as there are files
    }
    return words;
  }

  private long[] those(IntPredicate may) {
    long[] words = none();
    for (int file = 0; file < files.size(); file++) {
      if (may.test(file)) {
        words[file >> 6] |= 1L << file;
      }
    }
    return words;
  }

  private long[] where(BoundLane lane, IntPredicate may) {
    return those(file -> lane.isUnsure(file) || may.test(file));
  }

  /**
   * As {@link #where}, of values that are neither null nor NaN.
   *
   * @param may which files may hold one that is wanted, if they hold any; changed
   */
  private long[] where(BoundLane lane, boolean nanMatches, long[] may) {
    boolean wantsNans = nanMatches && lane.hasNans();
    long[] asked = wantsNans ? all() : may;
    for (int word = 0; word < asked.length; word++) {
      long found = 0;
      for (long left = asked[word]; left != 0; left &= left - 1) {
        int file = (word << 6) + Long.numberOfTrailingZeros(left);
        boolean isFound =
            wantsNans && holdsNans(lane, file) || has(may, file) && holdsValues(lane, file);
        found |= isFound ? 1L << file : 0;
      }
      may[word] = found | lane.unsure(word);
    }
    return may;
  }

  private boolean holdsNans(BoundLane lane, int file) {
    return lane.nanCount(file) != 0 && lane.nullCount(file) < files.recordCount(file);
  }

  private boolean holdsValues(BoundLane lane, int file) {
    long rows = files.recordCount(file);
    long nulls = lane.nullCount(file);
    long nans = lane.nanCount(file);
    return nulls < 0 || nans < 0 ? nulls < rows : nulls + nans < rows;
  }

  private long[] range(BoundLane lane, Predicate.Op op, Object literal) {
    return switch (lane.order()) {
      case NUMBERS -> numbers(lane, op, literal);
      case BYTES ->
          isText(literal)
              ? those(bytes(lane, op, SingleValue.toBytes(lane.type(), literal)))
              : all();
      case NONE -> all();
    };
  }

  /** Half of a pair of surrogates has no bytes. */
  private static boolean isText(Object literal) {
    return !(literal instanceof String text) || StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }

  private long[] numbers(BoundLane lane, Predicate.Op op, Object literal) {
    long value;
    try {
      value = BoundLane.numberOf(lane.type(), literal);
    } catch (IllegalArgumentException | ArithmeticException e) {
      return all();
    }
    return switch (op) {
      case EQ -> lane.overlapping(value, value);
      case NE -> lane.differing(value);
      case LE -> lane.overlapping(Long.MIN_VALUE, value);
      case GE -> lane.overlapping(value, Long.MAX_VALUE);
      case LT -> lane.overlapping(Long.MIN_VALUE, Math.max(value, Long.MIN_VALUE + 1) - 1);
      case GT -> lane.overlapping(Math.min(value, Long.MAX_VALUE - 1) + 1, Long.MAX_VALUE);
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

  private long[] oneOf(BoundLane lane, List<Object> literals) {
    long[] any;
    if (literals.size() > LITERALS_MAX) {
      any = range(lane, Predicate.Op.GE, literals.get(0));
      and(any, range(lane, Predicate.Op.LE, literals.get(literals.size() - 1)));
    } else {
      any = range(lane, Predicate.Op.EQ, literals.get(0));
      for (Object literal : literals.subList(1, literals.size())) {
        or(any, range(lane, Predicate.Op.EQ, literal));
      }
    }
    return any;
  }

  private static void and(long[] words, long[] others) {
    for (int i = 0; i < words.length; i++) {
      words[i] &= others[i];
    }
  }

  private static void or(long[] words, long[] others) {
    for (int i = 0; i < words.length; i++) {
      words[i] |= others[i];
    }
  }
}
