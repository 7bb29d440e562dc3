package io.datashard.internal.parquet;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.format.Type;

/** Numbers and booleans one after the other. Spec: Parquet format, "Encodings", PLAIN = 0. */
final class PlainValues extends ValueReader {
  private static final long JULIAN_EPOCH_DAY = 2_440_588;
  private static final long NANOS_PER_DAY = 86_400_000_000_000L;
  private static final long MICROS_PER_DAY = NANOS_PER_DAY / 1_000;

  private final byte[] bytes;
  private final ByteBuffer buffer;
  private final int end;
  private final int width;
  private int at;
  private int bit;

  PlainValues(Type physical, byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    this.at = start;
    this.end = end;
    this.width =
        switch (physical) {
          case BOOLEAN -> 0;
          case INT32, FLOAT -> 4;
          case INT64, DOUBLE -> 8;
          case INT96 -> 12;
          default -> throw new IllegalArgumentException(physical.name());
        };
  }

  private int advance(int count, int wanted) {
    if (width != wanted || count > (end - at) / width) {
      throw new DamagedException(
          count + " values of " + wanted + " bytes wanted, " + (end - at) + " bytes are left");
    }
    int from = at;
    at += count * width;
    return from;
  }

  @Override
  void skip(int count) {
    if (width == 0) {
      advanceBits(count);
    } else {
      advance(count, width);
    }
  }

  private int advanceBits(int count) {
    if (width != 0 || count > (long) (end - at) * 8 - bit) {
      throw new DamagedException(count + " booleans wanted, " + (end - at) + " bytes are left");
    }
    int from = bit;
    bit += count;
    return from;
  }

  @Override
  void booleans(boolean[] into, int start, int count) {
    int from = advanceBits(count);
    for (int i = 0; i < count; i++) {
      into[start + i] = (bytes[at + (from + i >>> 3)] >>> (from + i & 7) & 1) != 0;
    }
  }

  @Override
  void ints(int[] into, int start, int count) {
    buffer.position(advance(count, 4)).asIntBuffer().get(into, start, count);
  }

  @Override
  void longs(long[] into, int start, int count) {
    if (width == 12) {
      int from = advance(count, 12);
      for (int i = 0; i < count; i++) {
        into[start + i] = micros(from + i * 12);
      }
      return;
    }
    buffer.position(advance(count, 8)).asLongBuffer().get(into, start, count);
  }

  /** Nanoseconds of the day, then the Julian day. */
  private long micros(int from) {
    long nanos = Little.getLong(bytes, from);
    long days = Little.getInt(bytes, from + 8) - JULIAN_EPOCH_DAY;
    if (nanos % 1_000 != 0) {
      throw ConvertedValues.finerThanMicros(nanos + " ns of a day");
    }
    try {
      return Math.addExact(Math.multiplyExact(days, MICROS_PER_DAY), nanos / 1_000);
    } catch (ArithmeticException e) {
      throw new DamagedException("no timestamp reaches day " + days, e);
    }
  }

  @Override
  void floats(float[] into, int start, int count) {
    buffer.position(advance(count, 4)).asFloatBuffer().get(into, start, count);
  }

  @Override
  void doubles(double[] into, int start, int count) {
    buffer.position(advance(count, 8)).asDoubleBuffer().get(into, start, count);
  }
}
