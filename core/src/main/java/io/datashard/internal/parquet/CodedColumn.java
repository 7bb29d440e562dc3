package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of a column as codes into a dictionary: a filter looks at each entry once, and only
 * rows that it leaves become values.
 */
final class CodedColumn {
  private final Column entries;
  private final int size;
  private final long @Nullable [] validity;

  /** The codes, or where they come from when they are first asked for. */
  private int @Nullable [] codes;

  private final @Nullable Packed packed;

  /** Codes that are still packed; errors name file and column. */
  interface Packed {
    /** Clears the bits of the rows whose entry does not match; false if it cannot do that. */
    boolean keep(EntryMatches matches, long[] bits);

    /** One code a row, each below the number of entries. */
    int[] unpack();
  }

  /**
   * The rows of these codes.
   *
   * @param entries the dictionary, at least one, without nulls
   * @param codes of each row, each below the number of entries; of a null row any
   */
  CodedColumn(Column entries, int[] codes, int size, long @Nullable [] validity) {
    this.entries = entries;
    this.codes = codes;
    this.packed = null;
    this.size = size;
    this.validity = validity;
  }

  /** Rows without nulls whose codes are unpacked only if somebody needs them. */
  CodedColumn(Column entries, Packed packed, int size) {
    this.entries = entries;
    this.packed = packed;
    this.size = size;
    this.validity = null;
  }

  private int[] codes() {
    int[] known = codes;
    if (known == null) {
      known = Objects.requireNonNull(packed).unpack();
      codes = known;
    }
    return known;
  }

  Column entries() {
    return entries;
  }

  long @Nullable [] validity() {
    return validity;
  }

  /** All rows as values. */
  Column column() {
    return values(codes(), size, validity);
  }

  /** Some rows as values, as {@link Column#take}. */
  Column take(int[] rows, int count) {
    int[] all = codes();
    int[] taken = new int[count];
    long[] valid = validity == null ? null : new long[Validity.words(count)];
    boolean nulls = false;
    for (int i = 0; i < count; i++) {
      taken[i] = all[rows[i]];
      if (validity != null && valid != null) {
        if (Validity.isSet(validity, rows[i])) {
          Validity.set(valid, i);
        } else {
          nulls = true;
        }
      }
    }
    return values(taken, count, nulls ? valid : null);
  }

  private Column values(int[] of, int count, long @Nullable [] valid) {
    if (entries instanceof BytesColumn bytes) {
      return bytes.withCodes(of, count, valid);
    }
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

  /** Clears the bits of the rows whose entry does not match. */
  void keep(EntryMatches matches, long[] bits) {
    if (codes == null && packed != null && packed.keep(matches, bits)) {
      return;
    }
    int[] all = codes();
    long[] each = matches.bits();
    for (int w = 0; w < Validity.words(size); w++) {
      if (bits[w] != 0) {
        int from = w << 6;
        int count = Math.min(64, size - from);
        long kept = 0;
        for (int i = 0; i < count; i++) {
          int code = all[from + i];
          kept |= (each[code >>> 6] >>> code & 1L) << i;
        }
        bits[w] &= kept;
      }
    }
  }
}
