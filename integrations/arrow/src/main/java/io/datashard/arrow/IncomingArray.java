package io.datashard.arrow;

import io.datashard.data.Validity;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one column of Arrow data: its buffers, the first of them the validity.
 *
 * @param name the column's, for messages
 * @param buffers of the column's type, little-endian
 */
record IncomingArray(String name, int length, long nullCount, List<ByteBuffer> buffers) {
  IncomingArray {
    buffers = buffers.stream().map(b -> b.duplicate().order(ByteOrder.LITTLE_ENDIAN)).toList();
  }

  /** The buffer of this place, which must hold so many bytes. */
  ByteBuffer buffer(int place, long bytes) {
    ByteBuffer buffer = buffers.get(place);
    if (buffer.remaining() < bytes) {
      throw new Damaged(
          "column '"
              + name
              + "' has a buffer of "
              + buffer.remaining()
              + " bytes where "
              + length
              + " rows need "
              + bytes);
    }
    return buffer.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Which rows hold a value, as {@link io.datashard.data.Column} has it; null if all do. */
  long @Nullable [] validity() {
    if (nullCount == 0 || length == 0) {
      return null;
    }
    int bytes = (length + 7) / 8;
    ByteBuffer bits = buffer(0, bytes);
    long[] words = new long[Validity.words(length)];
    int whole = bytes / 8;
    bits.asLongBuffer().get(words, 0, whole);
    for (int i = whole * 8; i < bytes; i++) {
      words[whole] |= (bits.get(bits.position() + i) & 0xffL) << 8 * (i & 7);
    }
    if ((length & 63) != 0) {
      words[words.length - 1] &= (1L << length) - 1;
    }
    return Validity.count(words, length) == length ? null : words;
  }

  int[] ints() {
    int[] values = new int[length];
    buffer(1, length * 4L).asIntBuffer().get(values);
    return values;
  }

  long[] longs() {
    long[] values = new long[length];
    buffer(1, length * 8L).asLongBuffer().get(values);
    return values;
  }

  float[] floats() {
    float[] values = new float[length];
    buffer(1, length * 4L).asFloatBuffer().get(values);
    return values;
  }

  double[] doubles() {
    double[] values = new double[length];
    buffer(1, length * 8L).asDoubleBuffer().get(values);
    return values;
  }

  boolean[] bits() {
    ByteBuffer bits = buffer(1, (length + 7) / 8);
    boolean[] values = new boolean[length];
    int start = bits.position();
    for (int i = 0; i < length; i++) {
      values[i] = (bits.get(start + (i >> 3)) >> (i & 7) & 1) != 0;
    }
    return values;
  }

  /**
   * Integers of any width.
   *
   * @return the values; an unsigned one of 64 bits beyond a long comes out negative
   */
  long[] integers(int bits, boolean signed) {
    if (bits == 64) {
      return longs();
    }
    long[] values = new long[length];
    ByteBuffer in = buffer(1, length * (bits / 8L));
    int start = in.position();
    for (int i = 0; i < length; i++) {
      values[i] =
          switch (bits) {
            case 8 -> signed ? in.get(start + i) : in.get(start + i) & 0xffL;
            case 16 -> signed ? in.getShort(start + 2 * i) : in.getShort(start + 2 * i) & 0xffffL;
            case 32 -> signed ? in.getInt(start + 4 * i) : in.getInt(start + 4 * i) & 0xffffffffL;
            default -> throw new Damaged("column '" + name + "' has integers of " + bits + " bits");
          };
    }
    return values;
  }
}
