package io.datashard.internal.manifest;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Byte strings by place, one after the other in one array; some may be absent. */
final class ByteRuns {
  private static final int OBJECT_BYTES = 64;

  private final byte[] bytes;

  /** Where each ends; null if all are there and of one width. */
  private final int @Nullable [] ends;

  private final int width;

  /** Which are absent; null if none is. */
  private final long @Nullable [] absent;

  private ByteRuns(byte[] bytes, int @Nullable [] ends, int width, long @Nullable [] absent) {
    this.bytes = bytes;
    this.ends = ends;
    this.width = width;
    this.absent = absent;
  }

  byte[] array() {
    return bytes;
  }

  int start(int place) {
    return ends == null ? place * width : place == 0 ? 0 : ends[place - 1];
  }

  int end(int place) {
    return ends == null ? (place + 1) * width : ends[place];
  }

  boolean isAbsent(int place) {
    return absent != null && Words.isSet(absent, place);
  }

  /** A view of one, or null if it is absent. */
  @Nullable ByteBuffer get(int place) {
    if (isAbsent(place)) {
      return null;
    }
    int start = start(place);
    return ByteBuffer.wrap(bytes, start, end(place) - start).slice().asReadOnlyBuffer();
  }

  /** What it takes in memory. */
  long memoryBytes() {
    return OBJECT_BYTES
        + bytes.length
        + (ends == null ? 0 : 4L * ends.length)
        + (absent == null ? 0 : 8L * absent.length);
  }

  /** Collects byte strings from front to back. */
  static final class Builder {
    private byte[] bytes = new byte[256];
    private int length;
    private int[] ends = new int[16];
    private long[] absent = new long[1];
    private int absentCount;
    private int size;

    void add(byte[] from, int start, int count) {
      if (bytes.length - length < count) {
        int wanted = Math.addExact(length, count);
        bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 16L, 2L * wanted));
      }
      System.arraycopy(from, start, bytes, length, count);
      length += count;
      end();
    }

    void addAbsent() {
      if (size >> 6 >= absent.length) {
        absent = Arrays.copyOf(absent, Math.max(2 * absent.length, (size >> 6) + 1));
      }
      Words.set(absent, size);
      absentCount++;
      end();
    }

    private void end() {
      if (size == ends.length) {
        ends = Arrays.copyOf(ends, 2 * size);
      }
      ends[size++] = length;
    }

    /** How many of the first bytes all have in common. */
    int sharedPrefix() {
      int shared = size == 0 ? 0 : ends[0];
      for (int i = 1; i < size; i++) {
        int start = ends[i - 1];
        int differs = Arrays.mismatch(bytes, 0, shared, bytes, start, ends[i]);
        shared = differs < 0 ? shared : Math.min(shared, differs);
      }
      return shared;
    }

    byte[] firstBytes(int count) {
      return Arrays.copyOf(bytes, count);
    }

    /** All of them, without the first bytes of each. */
    ByteRuns build(int withoutFirst) {
      byte[] kept = new byte[length - withoutFirst * size];
      int[] keptEnds = new int[size];
      int width = size == 0 ? 0 : ends[0] - withoutFirst;
      boolean even = absentCount == 0;
      int to = 0;
      for (int i = 0; i < size; i++) {
        int start = (i == 0 ? 0 : ends[i - 1]) + withoutFirst;
        int count = ends[i] - start;
        System.arraycopy(bytes, start, kept, to, count);
        to += count;
        keptEnds[i] = to;
        even &= count == width;
      }
      return new ByteRuns(
          kept,
          even ? null : keptEnds,
          width,
          absentCount == 0 ? null : Arrays.copyOf(absent, (size + 63) >> 6));
    }
  }
}
