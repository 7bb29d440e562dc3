package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * All first bytes of the values, then all second bytes, and so on. Spec: Parquet format,
 * "Encodings", BYTE_STREAM_SPLIT = 9.
 */
final class SplitValues extends ValueReader {
  private final byte[] bytes;
  private final int start;
  private final int width;
  private final int count;
  private int at;

  private SplitValues(byte[] bytes, int start, int end, int width) {
    if (width < 1 || (end - start) % width != 0) {
      throw new DamagedException(
          (end - start) + " bytes hold no whole number of values of " + width + " bytes");
    }
    this.bytes = bytes;
    this.start = start;
    this.width = width;
    this.count = (end - start) / width;
  }

  static SplitValues of(
      org.apache.parquet.format.Type physical, int length, byte[] bytes, int start, int end) {
    return new SplitValues(
        bytes,
        start,
        end,
        switch (physical) {
          case INT32, FLOAT -> 4;
          case INT64, DOUBLE -> 8;
          case FIXED_LEN_BYTE_ARRAY -> length;
          case BOOLEAN, INT96, BYTE_ARRAY ->
              throw new DamagedException("values of type " + physical + " cannot be split");
        });
  }

  private int advance(int values, int wanted) {
    if (width != wanted || values > count - at) {
      throw new DamagedException(
          values + " values of " + wanted + " bytes wanted, " + (count - at) + " are left");
    }
    int from = start + at;
    at += values;
    return from;
  }

  @Override
  void skip(int values) {
    advance(values, width);
  }

  private int intAt(int from) {
    return (bytes[from] & 0xff)
        | (bytes[from + count] & 0xff) << 8
        | (bytes[from + 2 * count] & 0xff) << 16
        | bytes[from + 3 * count] << 24;
  }

  private long longAt(int from) {
    return (intAt(from) & 0xffffffffL) | (long) intAt(from + 4 * count) << 32;
  }

  @Override
  void ints(int[] into, int first, int values) {
    int from = advance(values, 4);
    for (int i = 0; i < values; i++) {
      into[first + i] = intAt(from + i);
    }
  }

  @Override
  void longs(long[] into, int first, int values) {
    int from = advance(values, 8);
    for (int i = 0; i < values; i++) {
      into[first + i] = longAt(from + i);
    }
  }

  @Override
  void floats(float[] into, int first, int values) {
    int from = advance(values, 4);
    for (int i = 0; i < values; i++) {
      into[first + i] = Float.intBitsToFloat(intAt(from + i));
    }
  }

  @Override
  void doubles(double[] into, int first, int values) {
    int from = advance(values, 8);
    for (int i = 0; i < values; i++) {
      into[first + i] = Double.longBitsToDouble(longAt(from + i));
    }
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    int from = advance(present, width);
    byte[] values = new byte[present * width];
    int[] offsets = new int[rows + 1];
    for (int i = 0; i < present; i++) {
      offsets[i + 1] = (i + 1) * width;
      for (int part = 0; part < width; part++) {
        values[i * width + part] = bytes[from + i + part * count];
      }
    }
    spread(offsets, rows, present, validity);
    return BytesColumn.plain(type, values, offsets, rows, validity);
  }
}
