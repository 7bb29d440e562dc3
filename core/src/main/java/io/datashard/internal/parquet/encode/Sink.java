package io.datashard.internal.parquet.encode;

import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Bytes that grow at their end, little-endian. Used again after {@link #clear}; not safe for use by
 * several threads.
 */
public final class Sink extends OutputStream {
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private byte[] bytes;
  private int size;

  /** Room for this many bytes at first. */
  public Sink(int room) {
    bytes = new byte[room];
  }

  /** The array that holds the bytes, from 0 up to {@link #size}; replaced when it grows. */
  public byte[] bytes() {
    return bytes;
  }

  /** How many bytes there are. */
  public int size() {
    return size;
  }

  /** Forgets all bytes and keeps the room. */
  public void clear() {
    size = 0;
  }

  /** A copy of the bytes. */
  public byte[] copy() {
    return Arrays.copyOf(bytes, size);
  }

  /** Makes room for {@code more} bytes behind the last. */
  public void ensure(int more) {
    int needed = Math.addExact(size, more);
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, grown(bytes.length, needed));
    }
  }

  /** The length of an array that has to hold {@code needed} elements: about the double. */
  public static int grown(int length, int needed) {
    int doubled = (int) Math.min(Integer.MAX_VALUE - 16, length * 2L);
    return Math.max(Math.max(doubled, needed), 64);
  }

  @Override
  public void write(int b) {
    ensure(1);
    bytes[size++] = (byte) b;
  }

  @Override
  public void write(byte[] from, int start, int length) {
    ensure(length);
    System.arraycopy(from, start, bytes, size, length);
    size += length;
  }

  /** Four bytes. */
  public void putInt(int value) {
    ensure(4);
    INT.set(bytes, size, value);
    size += 4;
  }

  /** Eight bytes. */
  public void putLong(long value) {
    ensure(8);
    LONG.set(bytes, size, value);
    size += 8;
  }

  /** The length in four bytes, then the bytes, as plain pages have byte strings. */
  public void putWithLength(byte[] from, int start, int length) {
    ensure(Math.addExact(length, 20)); // room to copy more than is wanted
    int at = size;
    INT.set(bytes, at, length);
    at += 4;
    if (length <= 16 && start + 16 <= from.length) {
      // Twice eight bytes, wanted or not, are faster than a copy of few.
      LONG.set(bytes, at, (long) LONG.get(from, start));
      LONG.set(bytes, at + 8, (long) LONG.get(from, start + 8));
    } else {
      System.arraycopy(from, start, bytes, at, length);
    }
    size = at + length;
  }

  /** Overwrites four bytes. */
  public void setInt(int at, int value) {
    INT.set(bytes, at, value);
  }

  /** Unsigned LEB128. */
  public void putVarint(long value) {
    ensure(10);
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  /** Zigzag, then unsigned LEB128. */
  public void putZigzag(long value) {
    putVarint(value << 1 ^ value >> 63);
  }

  /** All values, four bytes each. */
  public void putInts(long[] values, int from, int to) {
    ensure(Math.multiplyExact(to - from, 4));
    int at = size;
    for (int i = from; i < to; i++) {
      INT.set(bytes, at, (int) values[i]);
      at += 4;
    }
    size = at;
  }

  /** All values, eight bytes each. */
  public void putLongs(long[] values, int from, int to) {
    ensure(Math.multiplyExact(to - from, 8));
    int at = size;
    for (int i = from; i < to; i++) {
      LONG.set(bytes, at, values[i]);
      at += 8;
    }
    size = at;
  }

  /**
   * The lowest {@code width} bits of each of these values, the first value in the lowest bits, with
   * zeros up to the next whole byte.
   *
   * @param width 0..64
   */
  public void putPacked(long[] values, int from, int to, int width) {
    if (width == 0) {
      return;
    }
    int total = (int) (((long) (to - from) * width + 7) >>> 3);
    ensure(total + 8);
    byte[] into = bytes;
    int at = size;
    long mask = -1L >>> (64 - width);
    long word = 0;
    int used = 0;
    for (int i = from; i < to; i++) {
      long value = values[i] & mask;
      word |= value << used;
      used += width;
      if (used >= 64) {
        LONG.set(into, at, word);
        at += 8;
        used -= 64;
        word = used == 0 ? 0 : value >>> (width - used);
      }
    }
    LONG.set(into, at, word);
    size += total;
  }

  /** {@link #putPacked(long[], int, int, int)} for ints of at most 32 bits, not negative. */
  public void putPacked(int[] values, int from, int to, int width) {
    if (width == 0) {
      return;
    }
    int total = (int) (((long) (to - from) * width + 7) >>> 3);
    ensure(total + 8);
    byte[] into = bytes;
    int at = size;
    long word = 0;
    int used = 0;
    for (int i = from; i < to; i++) {
      word |= (long) values[i] << used;
      used += width;
      if (used >= 32) {
        INT.set(into, at, (int) word);
        at += 4;
        used -= 32;
        word >>>= 32;
      }
    }
    LONG.set(into, at, word);
    size += total;
  }
}
