package io.datashard.internal.parquet;

import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.internal.parquet.encode.Delta;
import io.datashard.internal.parquet.encode.NumberDictionary;
import io.datashard.internal.parquet.encode.Sink;
import io.datashard.schema.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.apache.parquet.format.Encoding;
import org.jspecify.annotations.Nullable;

/** Values of four or eight bytes, each as a long: numbers sign-extended, floats as their bits. */
final class Numbers extends PendingValues {
  private static final List<Encoding> WHOLE = List.of(Encoding.PLAIN, Encoding.DELTA_BINARY_PACKED);
  private static final List<Encoding> FLOATING = List.of(Encoding.PLAIN);

  /** 0.0 and -0.0 as {@link #unsorted} has them. */
  private static final long ZERO = 0;

  private static final long MINUS_ZERO = -1;

  private final Field field;
  private final int width;
  private final boolean floating;
  private final int dictionaryEntriesMax;
  private final byte[] room = new byte[8];
  private long[] values = {};
  private @Nullable NumberDictionary dictionary;
  private @Nullable Delta delta;

  Numbers(Field field, int dictionaryBytesMax) {
    this.field = field;
    org.apache.parquet.format.Type physical = ParquetTypes.physical(field.type());
    this.width =
        switch (physical) {
          case INT32, FLOAT -> 4;
          default -> 8;
        };
    this.floating =
        physical == org.apache.parquet.format.Type.FLOAT
            || physical == org.apache.parquet.format.Type.DOUBLE;
    this.dictionaryEntriesMax = dictionaryBytesMax / width;
  }

  /**
   * Bits of a double to a long that sorts as the number, and back. Spec: IEEE 754 total order; NaN
   * is not asked for.
   */
  static long unsorted(long bits) {
    return bits ^ (bits >> 63 & Long.MAX_VALUE);
  }

  /** The same for a float. */
  static int unsorted(int bits) {
    return bits ^ (bits >> 31 & Integer.MAX_VALUE);
  }

  @Override
  long bytes() {
    return (long) count() * width;
  }

  @Override
  int add(Column column, int from, int to, long bytesRoom) {
    int rows = (int) Math.min(to - from, Math.max(1, bytesRoom / width));
    int end = from + rows;
    int at = count();
    if (at + rows > values.length) {
      values = Arrays.copyOf(values, Sink.grown(values.length, at + rows));
    }
    int after =
        column.validity() == null ? addAll(column, from, end, at) : addSome(column, from, end, at);
    if (width == 4 && column instanceof LongColumn) {
      checkInts(at, after);
    }
    counted(after - at);
    return rows;
  }

  private int addAll(Column column, int from, int end, int at) {
    int to = at;
    if (column instanceof LongColumn longs) {
      System.arraycopy(longs.values(), from, values, at, end - from);
      return at + end - from;
    } else if (column instanceof IntColumn ints) {
      int[] source = ints.values();
      for (int row = from; row < end; row++) {
        values[to++] = source[row];
      }
    } else if (column instanceof DoubleColumn doubles) {
      double[] source = doubles.values();
      for (int row = from; row < end; row++) {
        values[to++] = Double.doubleToRawLongBits(source[row]);
      }
    } else {
      float[] source = ((FloatColumn) column).values();
      for (int row = from; row < end; row++) {
        values[to++] = Float.floatToRawIntBits(source[row]);
      }
    }
    return to;
  }

  private int addSome(Column column, int from, int end, int at) {
    int to = at;
    if (column instanceof LongColumn longs) {
      for (int row = from; row < end; row++) {
        values[to] = longs.get(row);
        to += column.isNull(row) ? 0 : 1;
      }
    } else if (column instanceof IntColumn ints) {
      for (int row = from; row < end; row++) {
        values[to] = ints.get(row);
        to += column.isNull(row) ? 0 : 1;
      }
    } else if (column instanceof DoubleColumn doubles) {
      for (int row = from; row < end; row++) {
        values[to] = Double.doubleToRawLongBits(doubles.get(row));
        to += column.isNull(row) ? 0 : 1;
      }
    } else {
      FloatColumn floats = (FloatColumn) column;
      for (int row = from; row < end; row++) {
        values[to] = Float.floatToRawIntBits(floats.get(row));
        to += column.isNull(row) ? 0 : 1;
      }
    }
    return to;
  }

  private void checkInts(int from, int to) {
    for (int i = from; i < to; i++) {
      if (values[i] != (int) values[i]) {
        throw new IllegalArgumentException(
            "Column '"
                + field.name()
                + "' of "
                + field.type()
                + " holds the unscaled value "
                + values[i]
                + ", which has too many digits.");
      }
    }
  }

  @Override
  List<Encoding> encodings(int from, int to) {
    return floating ? FLOATING : WHOLE;
  }

  @Override
  void encode(Encoding encoding, int from, int to, Sink sink) {
    if (encoding == Encoding.PLAIN) {
      if (width == 4) {
        sink.putInts(values, from, to);
      } else {
        sink.putLongs(values, from, to);
      }
      return;
    }
    Delta encoder = delta;
    if (encoder == null) {
      encoder = new Delta();
      delta = encoder;
    }
    if (width == 4) {
      encoder.putInts(sink, values, from, to);
    } else {
      encoder.putLongs(sink, values, from, to);
    }
  }

  @Override
  void hash(int from, int to, BloomFilterBuilder filter) {
    hash(values, from, to, filter);
  }

  @Override
  void hashEntries(int entries, BloomFilterBuilder filter) {
    hash(Objects.requireNonNull(dictionary).entries(), 0, entries, filter);
  }

  private void hash(long[] of, int from, int to, BloomFilterBuilder filter) {
    for (int i = from; i < to; i++) {
      filter.add(XxHash.of(of[i], width, room));
      if (floating) {
        hashEquals(of[i], filter);
      }
    }
  }

  /** Whoever asks for one of the zeros may mean both, and whoever asks for NaN any of them. */
  private void hashEquals(long bits, BloomFilterBuilder filter) {
    double value = width == 4 ? Float.intBitsToFloat((int) bits) : Double.longBitsToDouble(bits);
    long other;
    if (value == 0) {
      other = bits ^ (width == 4 ? Integer.MIN_VALUE : Long.MIN_VALUE);
    } else if (Double.isNaN(value)) {
      other = width == 4 ? Float.floatToIntBits(Float.NaN) : Double.doubleToLongBits(value);
    } else {
      return;
    }
    filter.add(XxHash.of(other, width, room));
  }

  @Override
  Range range(int from, int to) {
    if (from == to) {
      return Range.NONE;
    }
    if (floating) {
      return width == 4 ? floatRange(from, to) : doubleRange(from, to);
    }
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    for (int i = from; i < to; i++) {
      min = Math.min(min, values[i]);
      max = Math.max(max, values[i]);
    }
    return Range.ofLongs(min, max, 0);
  }

  private Range doubleRange(int from, int to) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    int nans = 0;
    for (int i = from; i < to; i++) {
      if (Double.isNaN(Double.longBitsToDouble(values[i]))) {
        nans++;
      } else {
        long key = unsorted(values[i]);
        min = Math.min(min, key);
        max = Math.max(max, key);
      }
    }
    return floatingRange(min, max, nans, to - from);
  }

  private Range floatRange(int from, int to) {
    long min = Long.MAX_VALUE;
    long max = Long.MIN_VALUE;
    int nans = 0;
    for (int i = from; i < to; i++) {
      if (Float.isNaN(Float.intBitsToFloat((int) values[i]))) {
        nans++;
      } else {
        long key = unsorted((int) values[i]);
        min = Math.min(min, key);
        max = Math.max(max, key);
      }
    }
    return floatingRange(min, max, nans, to - from);
  }

  /**
   * The range of sortable numbers. Some readers tell 0.0 from -0.0 and some do not, so a zero as
   * bound stands for both. Spec: parquet.thrift, ColumnOrder; as true for Iceberg's bounds.
   */
  private static Range floatingRange(long min, long max, int nans, int count) {
    if (nans == count) {
      return Range.ofNans(nans);
    }
    return Range.ofLongs(min == ZERO ? MINUS_ZERO : min, max == MINUS_ZERO ? ZERO : max, nans);
  }

  @Override
  boolean code(int from, int to) {
    NumberDictionary entries = dictionary;
    if (entries == null) {
      entries = new NumberDictionary(dictionaryEntriesMax);
      dictionary = entries;
    }
    if (to > codes.length) {
      codes = Arrays.copyOf(codes, Sink.grown(codes.length, to));
    }
    return entries.code(values, from, to, codes);
  }

  @Override
  int entries() {
    return dictionary == null ? 0 : dictionary.size();
  }

  @Override
  void encodeDictionary(Sink sink) {
    NumberDictionary entries = Objects.requireNonNull(dictionary);
    if (width == 4) {
      sink.putInts(entries.entries(), 0, entries.size());
    } else {
      sink.putLongs(entries.entries(), 0, entries.size());
    }
  }

  @Override
  void clearDictionary() {
    dictionary = null; // it may be large, and the next row group may not want one
  }
}
