package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.Validity;
import io.datashard.expr.Predicate;
import java.util.Arrays;

/** Floats and doubles. A float is compared as the double of the same value. */
final class FloatingTest implements ColumnTest {
  private final boolean single;
  private final Predicate.Op op;
  private final double[] sorted;
  private final boolean nanMatches;

  FloatingTest(boolean single, Predicate.Op op, double[] literals, boolean nanMatches) {
    this.single = single;
    this.op = op;
    this.sorted = literals;
    this.nanMatches = nanMatches;
    for (int i = 0; i < sorted.length; i++) {
      sorted[i] += 0.0; // no -0.0, which a search would not find
    }
    Arrays.sort(sorted);
  }

  /** NaN, or everything else. */
  static ColumnTest nan(boolean single, boolean wanted) {
    // No value is in an empty list.
    return new FloatingTest(
        single, wanted ? Predicate.Op.EQ : Predicate.Op.NE, new double[0], wanted);
  }

  @Override
  public void keep(Column column, int size, long[] bits) {
    for (int w = 0; w < Validity.words(size); w++) {
      if (bits[w] != 0) {
        int from = w << 6;
        int count = Math.min(64, size - from);
        long matches = 0;
        if (single) {
          float[] values = ((FloatColumn) column).values();
          for (int i = 0; i < count; i++) {
            matches |= (matches(values[from + i]) ? 1L : 0L) << i;
          }
        } else {
          double[] values = ((DoubleColumn) column).values();
          for (int i = 0; i < count; i++) {
            matches |= (matches(values[from + i]) ? 1L : 0L) << i;
          }
        }
        bits[w] &= matches;
      }
    }
  }

  private boolean matches(double value) {
    if (Double.isNaN(value)) {
      return nanMatches;
    }
    return switch (op) {
      case EQ -> contains(value);
      case NE -> !contains(value);
      case LT -> value < sorted[0];
      case LE -> value <= sorted[0];
      case GT -> value > sorted[0];
      case GE -> value >= sorted[0];
    };
  }

  private boolean contains(double value) {
    return sorted.length == 1 ? value == sorted[0] : Arrays.binarySearch(sorted, value + 0.0) >= 0;
  }
}
