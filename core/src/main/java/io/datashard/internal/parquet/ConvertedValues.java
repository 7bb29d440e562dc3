package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Values on their way from what the file stores to what the column holds. */
final class ConvertedValues extends ValueReader {
  private final ValueReader stored;
  private final Conversion conversion;
  private int[] ints = {};
  private long[] longs = {};
  private float[] floats = {};

  private ConvertedValues(ValueReader stored, Conversion conversion) {
    this.stored = stored;
    this.conversion = conversion;
  }

  static ValueReader of(ValueReader stored, Conversion conversion) {
    return conversion == Conversion.SAME || conversion == Conversion.INT96_TO_MICROS
        ? stored
        : new ConvertedValues(stored, conversion);
  }

  /** A time finer than microseconds: no damage, but no column can hold it exactly. */
  static NotReadableException finerThanMicros(String value) {
    return new NotReadableException(value + ", which is no whole number of microseconds");
  }

  @Override
  void skip(int count) {
    stored.skip(count);
  }

  @Override
  void doubles(double[] into, int start, int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    stored.floats(floats, 0, count);
    for (int i = 0; i < count; i++) {
      into[start + i] = floats[i];
    }
  }

  @Override
  void floats(float[] into, int start, int count) {
    BytesColumn halves = stored.bytes(Type.fixed(2), count, count, null);
    for (int i = 0; i < count; i++) {
      byte[] bytes = halves.bytes();
      int at = halves.start(i);
      into[start + i] = half((bytes[at] & 0xff) | (bytes[at + 1] & 0xff) << 8);
    }
  }

  /** IEEE 754 half precision: 1 bit sign, 5 bits exponent, 10 bits fraction. */
  private static float half(int bits) {
    int exponent = bits >>> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    float magnitude;
    if (exponent == 0) {
      magnitude = fraction * 0x1p-24f;
    } else if (exponent == 31) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      magnitude = Float.intBitsToFloat((exponent + 112) << 23 | fraction << 13);
    }
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  @Override
  void longs(long[] into, int start, int count) {
    switch (conversion) {
      case INT_TO_LONG -> {
        readInts(count);
        for (int i = 0; i < count; i++) {
          into[start + i] = ints[i];
        }
      }
      case UINT_TO_LONG -> {
        readInts(count);
        for (int i = 0; i < count; i++) {
          into[start + i] = ints[i] & 0xffffffffL;
        }
      }
      case INT_MILLIS_TO_MICROS -> {
        readInts(count);
        for (int i = 0; i < count; i++) {
          into[start + i] = ints[i] * 1_000L;
        }
      }
      case ULONG_TO_LONG -> {
        stored.longs(into, start, count);
        for (int i = 0; i < count; i++) {
          if (into[start + i] < 0) {
            throw new NotReadableException(
                Long.toUnsignedString(into[start + i]) + ", which no long can hold");
          }
        }
      }
      case MILLIS_TO_MICROS -> {
        stored.longs(into, start, count);
        millisToMicros(into, start, count);
      }
      case NANOS_TO_MICROS -> {
        stored.longs(into, start, count);
        nanosToMicros(into, start, count);
      }
      case BYTES_TO_LONG -> decimals(into, start, count);
      default -> super.longs(into, start, count);
    }
  }

  private void readInts(int count) {
    if (ints.length < count) {
      ints = new int[count];
    }
    stored.ints(ints, 0, count);
  }

  private static void millisToMicros(long[] values, int start, int count) {
    for (int i = start; i < start + count; i++) {
      long micros = values[i] * 1_000;
      if (micros / 1_000 != values[i]) {
        throw new NotReadableException(
            values[i] + " ms since 1970, which no timestamp in microseconds reaches");
      }
      values[i] = micros;
    }
  }

  private static void nanosToMicros(long[] values, int start, int count) {
    for (int i = start; i < start + count; i++) {
      long micros = values[i] / 1_000;
      if (micros * 1_000 != values[i]) {
        throw finerThanMicros(values[i] + " ns");
      }
      values[i] = micros;
    }
  }

  private void decimals(long[] into, int start, int count) {
    BytesColumn column = stored.bytes(Type.BINARY, count, count, null);
    byte[] bytes = column.bytes();
    for (int i = 0; i < count; i++) {
      into[start + i] = unscaled(bytes, column.start(i), column.end(i));
    }
  }

  private static long unscaled(byte[] bytes, int start, int end) {
    int from = start;
    // Fixed lengths are padded with copies of the sign.
    while (end - from > 8 && bytes[from] == (byte) (bytes[from + 1] >> 7)) {
      from++;
    }
    if (from == end || end - from > 8) {
      throw new DamagedException("a decimal of " + (end - from) + " bytes where 1 to 8 fit");
    }
    long value = bytes[from];
    for (int i = from + 1; i < end; i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    if (longs.length < present) {
      longs = new long[present];
    }
    if (conversion == Conversion.INT_TO_BYTES) {
      readInts(present);
      for (int i = 0; i < present; i++) {
        longs[i] = ints[i];
      }
    } else {
      stored.longs(longs, 0, present);
    }
    byte[] values = new byte[present * 8];
    ByteBuffer into = ByteBuffer.wrap(values);
    int[] offsets = new int[rows + 1];
    for (int i = 0; i < present; i++) {
      into.putLong(longs[i]);
      offsets[i + 1] = (i + 1) * 8;
    }
    spread(offsets, rows, present, validity);
    return BytesColumn.plain(type, values, offsets, rows, validity);
  }
}
