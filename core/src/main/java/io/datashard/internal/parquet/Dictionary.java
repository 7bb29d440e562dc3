package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Type;
import org.apache.parquet.format.Encoding;

/** The distinct values of a column chunk, already as the column holds them. */
final class Dictionary {
  private final Column entries;

  private Dictionary(Column entries) {
    this.entries = entries;
  }

  /**
   * Decodes a dictionary page.
   *
   * @param bytes kept by dictionaries of byte strings
   */
  static Dictionary read(
      FileColumn column, Type type, Conversion conversion, byte[] bytes, int end, int count) {
    if (count < 0 || count > end) { // every value takes a byte or more
      throw new DamagedException("a dictionary of " + count + " values in " + end + " bytes");
    }
    ValueReader values =
        ConvertedValues.of(ValueReader.stored(Encoding.PLAIN, column, bytes, 0, end), conversion);
    return new Dictionary(
        switch (FileColumn.lane(type)) {
          case BOOLEAN -> throw new DamagedException("a dictionary of booleans");
          case INT -> {
            int[] ints = new int[count];
            values.ints(ints, 0, count);
            yield new IntColumn(type, ints, count, null);
          }
          case LONG -> {
            long[] longs = new long[count];
            values.longs(longs, 0, count);
            yield new LongColumn(type, longs, count, null);
          }
          case FLOAT -> {
            float[] floats = new float[count];
            values.floats(floats, 0, count);
            yield new FloatColumn(type, floats, count, null);
          }
          case DOUBLE -> {
            double[] doubles = new double[count];
            values.doubles(doubles, 0, count);
            yield new DoubleColumn(type, doubles, count, null);
          }
          case BYTES -> values.bytes(type, count, count, null).asDictionary();
        });
  }

  /** The values as a column without nulls. */
  Column entries() {
    return entries;
  }

  /** A reader of the rows of one page over this dictionary. */
  ValueReader rows(byte[] bytes, int start, int end) {
    if (start == end) {
      return new ValueReader.Empty();
    }
    return new DictionaryValues(this, new HybridReader(bytes, start + 1, end, bytes[start]));
  }

  int[] ints() {
    return ((IntColumn) entries).values();
  }

  long[] longs() {
    return ((LongColumn) entries).values();
  }

  float[] floats() {
    return ((FloatColumn) entries).values();
  }

  double[] doubles() {
    return ((DoubleColumn) entries).values();
  }

  BytesColumn byteStrings() {
    return (BytesColumn) entries;
  }
}
