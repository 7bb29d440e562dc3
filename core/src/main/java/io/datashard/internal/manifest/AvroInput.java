package io.datashard.internal.manifest;

import io.datashard.error.CorruptTableException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads Avro's binary encoding from an array; nothing is read or allocated beyond its limit. Spec:
 * Apache Avro specification, "Binary Encoding".
 */
final class AvroInput {
  private static final int NUMBER_BYTES_MAX = 10;
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** Of each byte. */
  private static final long FIRST_BITS = 0x8080808080808080L;

  private final String fileName;
  private final byte[] data;
  private int position;
  private int limit;

  AvroInput(String fileName, byte[] data, int start, int limit) {
    this.fileName = fileName;
    this.data = data;
    this.position = start;
    this.limit = limit;
  }

  String fileName() {
    return fileName;
  }

  byte[] data() {
    return data;
  }

  int position() {
    return position;
  }

  /** Goes to a place before the limit. */
  void position(int newPosition) {
    position = newPosition;
  }

  int limit() {
    return limit;
  }

  int remaining() {
    return limit - position;
  }

  /** Narrows what may be read; for a block inside a file. */
  void limit(int newLimit) {
    limit = newLimit;
  }

  CorruptTableException corrupt(String what) {
    return corrupt(what, null);
  }

  CorruptTableException corrupt(String what, @Nullable Throwable cause) {
    return new CorruptTableException(
        fileName + " is damaged: " + what + " (before byte " + position + " of " + limit + ").",
        cause);
  }

  /** A zig-zag varint of at most ten bytes. */
  long readLong() {
    if (position >= limit) {
      throw corrupt("it ends inside a number");
    }
    int first = data[position++];
    if (first >= 0) {
      return (first >>> 1) ^ -(first & 1);
    }
    long bits = first & 0x7f;
    for (int shift = 7; shift < 64; shift += 7) {
      if (position >= limit) {
        throw corrupt("it ends inside a number");
      }
      int next = data[position++];
      bits |= (long) (next & 0x7f) << shift;
      if (next >= 0) {
        if (shift == 63 && next > 1) {
          throw corrupt("a number has more than 64 bits");
        }
        return (bits >>> 1) ^ -(bits & 1);
      }
    }
    throw corrupt("a number has more than ten bytes");
  }

  /**
   * Steps over so many numbers: eight bytes at a time, as long as no number in them can be too
   * long, then byte by byte.
   */
  void skipLongs(long count) {
    byte[] bytes = data;
    int at = position; // a number begins here
    long left = count;
    while (left > 0 && at <= limit - Long.BYTES) {
      long lasts = ~(long) LONGS.get(bytes, at) & FIRST_BITS; // a bit in each number's last byte
      int numbers = Long.bitCount(lasts);
      if (numbers == 0) {
        break;
      }
      if (numbers <= left) {
        left -= numbers;
        at += Long.BYTES - (Long.numberOfLeadingZeros(lasts) >>> 3);
      } else {
        for (; left > 1; left--) {
          lasts &= lasts - 1;
        }
        left = 0;
        at += (Long.numberOfTrailingZeros(lasts) >>> 3) + 1;
      }
    }
    int end = limit;
    int start = at;
    while (left > 0) {
      if (at >= end) {
        position = at;
        throw corrupt("it ends inside a number");
      }
      if (bytes[at++] >= 0) {
        if (at - start >= NUMBER_BYTES_MAX
            && (at - start > NUMBER_BYTES_MAX || bytes[at - 1] > 1)) {
          throw corrupt("a number has more than 64 bits");
        }
        start = at;
        left--;
      }
    }
    position = at;
  }

  int readInt() {
    long value = readLong();
    if (value != (int) value) {
      throw corrupt("the number " + value + " does not fit 32 bits");
    }
    return (int) value;
  }

  /** The length of what follows, which lies before the limit. */
  int readLength() {
    long length = readLong();
    if (length < 0 || length > limit - position) {
      throw corrupt("a length of " + length + " where " + (limit - position) + " bytes are left");
    }
    return (int) length;
  }

  boolean readBoolean() {
    if (position >= limit) {
      throw corrupt("it ends inside a boolean");
    }
    byte value = data[position++];
    if (value != 0 && value != 1) {
      throw corrupt("a boolean has the value " + value);
    }
    return value == 1;
  }

  float readFloat() {
    return Float.intBitsToFloat((int) littleEndian(4));
  }

  double readDouble() {
    return Double.longBitsToDouble(littleEndian(8));
  }

  private long littleEndian(int length) {
    int start = take(length);
    long value = 0;
    for (int i = length - 1; i >= 0; i--) {
      value = value << 8 | (data[start + i] & 0xff);
    }
    return value;
  }

  /** Steps over so many bytes and returns where they start. */
  int take(int length) {
    if (length > limit - position) {
      throw corrupt(length + " bytes are expected where " + (limit - position) + " are left");
    }
    int start = position;
    position += length;
    return start;
  }

  byte[] readFixed(int length) {
    int start = take(length);
    return Arrays.copyOfRange(data, start, start + length);
  }

  byte[] readBytes() {
    return readFixed(readLength());
  }

  String readString() {
    int length = readLength();
    int start = take(length);
    for (int i = start; i < start + length; i++) {
      if (data[i] < 0) {
        return decode(start, length);
      }
    }
    return new String(data, start, length, StandardCharsets.ISO_8859_1);
  }

  /** The length of a text that follows, which is checked to be one and not stepped over. */
  int readTextLength() {
    int length = readLength();
    int firstBits = 0;
    for (int i = position; i < position + length; i++) {
      firstBits |= data[i];
    }
    if (firstBits < 0) {
      decode(position, length);
    }
    return length;
  }

  /** Strict: a replacement character in a path would name another file. */
  private String decode(int start, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(data, start, length))
          .toString();
    } catch (CharacterCodingException e) {
      throw corrupt("a text is not UTF-8", e);
    }
  }

  /**
   * The number of items in the next block of an array or map; 0 ends it.
   *
   * @param itemBytesMin what an item takes at least, so that a count beyond the bytes left is an
   *     error here and not a long loop
   */
  long readBlockCount(int itemBytesMin) {
    long count = readLong();
    if (count < 0) {
      count = -count;
      readLength(); // the block's length in bytes, for those who skip it
    }
    if (count < 0 || (itemBytesMin > 0 && count > remaining() / itemBytesMin)) {
      throw corrupt("a list of " + count + " items where " + remaining() + " bytes are left");
    }
    return count;
  }
}
