package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of numbers as codes into a dictionary: a filter looks at each entry once, and only rows
 * that it leaves become numbers.
 */
final class NumberCodes {
  private final Column entries;
  private final int[] codes;
  private final int size;
  private final long @Nullable [] validity;

  /**
   * The rows of these codes.
   *
   * @param entries the dictionary, at least one, without nulls
   * @param codes of each row, each below the number of entries; of a null row any
   */
  NumberCodes(Column entries, int[] codes, int size, long @Nullable [] validity) {
    this.entries = entries;
    this.codes = codes;
    this.size = size;
    this.validity = validity;
  }

  Column entries() {
    return entries;
  }

  long @Nullable [] validity() {
    return validity;
  }

  /** All rows as numbers. */
  Column column() {
    return numbers(codes, size, validity);
  }

  /** Some rows as numbers, as {@link Column#take}. */
  Column take(int[] rows, int count) {
    int[] taken = new int[count];
    long[] valid = validity == null ? null : new long[Validity.words(count)];
    boolean nulls = false;
    for (int i = 0; i < count; i++) {
      taken[i] = codes[rows[i]];
      if (validity != null && valid != null) {
        if (Validity.isSet(validity, rows[i])) {
          Validity.set(valid, i);
        } else {
          nulls = true;
        }
      }
    }
    return numbers(taken, count, nulls ? valid : null);
  }

  private Column numbers(int[] of, int count, long @Nullable [] valid) {
    Column values = entries.take(of, count);
    if (valid == null) {
      return values;
    }
    if (values instanceof IntColumn ints) {
      return new IntColumn(ints.type(), ints.values(), count, valid);
    }
    if (values instanceof LongColumn longs) {
      return new LongColumn(longs.type(), longs.values(), count, valid);
    }
    if (values instanceof FloatColumn floats) {
      return new FloatColumn(floats.type(), floats.values(), count, valid);
    }
    return new DoubleColumn(values.type(), ((DoubleColumn) values).values(), count, valid);
  }

  /**
   * Clears the bits of the rows whose entry does not match.
   *
   * @param matches a bit per entry
   */
  void keep(long[] matches, long[] bits) {
    for (int w = 0; w < Validity.words(size); w++) {
      if (bits[w] != 0) {
        int from = w << 6;
        int count = Math.min(64, size - from);
        long kept = 0;
        for (int i = 0; i < count; i++) {
          int code = codes[from + i];
          kept |= (matches[code >>> 6] >>> code & 1L) << i;
        }
        bits[w] &= kept;
      }
    }
  }
}
