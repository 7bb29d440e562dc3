package io.datashard.internal.parquet;

import io.datashard.data.BooleanColumn;
import io.datashard.data.Column;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.expr.Predicate;
import java.util.Arrays;

/** Ints, longs and booleans. */
final class NumberTest implements ColumnTest {
  private final long low;
  private final long high;
  private final boolean inside;

  private NumberTest(long low, long high, boolean inside) {
    this.low = low;
    this.high = high;
    this.inside = inside;
  }

  static ColumnTest compare(Predicate.Op op, long literal) {
    return switch (op) {
      case EQ -> new NumberTest(literal, literal, true);
      case NE -> new NumberTest(literal, literal, false);
      case LE -> new NumberTest(Long.MIN_VALUE, literal, true);
      case GT -> new NumberTest(Long.MIN_VALUE, literal, false);
      case GE -> new NumberTest(literal, Long.MAX_VALUE, true);
      case LT -> new NumberTest(literal, Long.MAX_VALUE, false);
    };
  }

  @Override
  public void keep(Column column, int size, long[] bits) {
    for (int w = 0; w < Validity.words(size); w++) {
      if (bits[w] != 0) {
        int from = w << 6;
        long within = within(column, from, Math.min(64, size - from));
        bits[w] &= inside ? within : ~within;
      }
    }
  }

  private long within(Column column, int from, int count) {
    long within = 0;
    if (column instanceof LongColumn longs) {
      long[] values = longs.values();
      for (int i = 0; i < count; i++) {
        long value = values[from + i];
        within |= (value >= low & value <= high ? 1L : 0L) << i;
      }
    } else if (column instanceof IntColumn ints) {
      int[] values = ints.values();
      for (int i = 0; i < count; i++) {
        int value = values[from + i];
        within |= (value >= low & value <= high ? 1L : 0L) << i;
      }
    } else {
      boolean[] values = ((BooleanColumn) column).values();
      for (int i = 0; i < count; i++) {
        int value = values[from + i] ? 1 : 0;
        within |= (value >= low & value <= high ? 1L : 0L) << i;
      }
    }
    return within;
  }

  static final class In implements ColumnTest {
    private final long[] sorted;
    private final boolean wanted;

    In(long[] literals, boolean wanted) {
      this.sorted = literals;
      this.wanted = wanted;
      Arrays.sort(sorted);
    }

    @Override
    public void keep(Column column, int size, long[] bits) {
      for (int w = 0; w < Validity.words(size); w++) {
        for (long open = bits[w]; open != 0; open &= open - 1) {
          int row = (w << 6) + Long.numberOfTrailingZeros(open);
          if (Arrays.binarySearch(sorted, value(column, row)) >= 0 != wanted) {
            bits[w] &= ~(1L << row);
          }
        }
      }
    }

    private static long value(Column column, int row) {
      if (column instanceof LongColumn longs) {
        return longs.get(row);
      }
      return column instanceof IntColumn ints
          ? ints.get(row)
          : ((BooleanColumn) column).get(row) ? 1 : 0;
    }
  }
}
