package io.datashard.internal.parquet.encode;

/**
 * Small numbers as runs of one value or bit-packed groups of eight. Spec: Parquet format, "Run
 * Length Encoding / Bit-Packing Hybrid".
 */
public final class Hybrid {
  /** Equal values from which on a run pays: its header and value, and the next group's header. */
  private static final int RUN_MIN = 8;

  /** The same for single bits, eight of which are a byte. */
  private static final int BIT_RUN_MIN = 32;

  private Hybrid() {}

  /** How many bits the largest of {@code count} codes takes. */
  public static int width(int count) {
    return count < 2 ? 0 : 32 - Integer.numberOfLeadingZeros(count - 1);
  }

  /**
   * Appends the values, without width or length before them.
   *
   * @param width bits of a value, 0..32
   */
  public static void put(Sink sink, int[] values, int from, int to, int width) {
    int runMin = width <= 2 ? BIT_RUN_MIN / Math.max(1, width) : RUN_MIN;
    int literal = from; // where the groups not yet written start
    int at = from;
    while (at < to) {
      int value = values[at];
      int end = at + 1;
      while (end < to && values[end] == value) {
        end++;
      }
      if (end - at >= runMin || (at == literal && end == to)) {
        putGroups(sink, values, literal, at, width);
        putRun(sink, value, end - at, width);
        at = end;
        literal = end;
      } else {
        // Only whole groups may stand before a run. They may swallow the head of a longer one.
        at += (end - at + 7) & ~7;
      }
    }
    putGroups(sink, values, literal, to, width);
  }

  /**
   * Appends single bits, the definition levels of an optional column.
   *
   * @param bits as {@link Bits} has them
   */
  public static void putBits(Sink sink, long[] bits, int from, int to) {
    int literal = from;
    int at = from;
    while (at < to) {
      int end = at + runOfBits(bits, at, to);
      if (end - at >= BIT_RUN_MIN || (at == literal && end == to)) {
        putBitGroups(sink, bits, literal, at);
        putRun(sink, (int) Bits.get(bits, at, 1), end - at, 1);
        at = end;
        literal = end;
      } else {
        at += (end - at + 7) & ~7;
      }
    }
    putBitGroups(sink, bits, literal, to);
  }

  private static int runOfBits(long[] bits, int from, int to) {
    long flip = -Bits.get(bits, from, 1); // all ones if the run is of ones
    int at = from;
    while (at < to) {
      int length = Math.min(64, to - at);
      long others = (Bits.get(bits, at, length) ^ flip) & -1L >>> (64 - length);
      if (others != 0) {
        return at + Long.numberOfTrailingZeros(others) - from;
      }
      at += length;
    }
    return to - from;
  }

  /** Appends one value {@code count} times. */
  public static void putRun(Sink sink, int value, int count, int width) {
    sink.putVarint((long) count << 1);
    for (int done = 0; done < width; done += 8) {
      sink.write(value >>> done);
    }
  }

  private static void putGroups(Sink sink, int[] values, int from, int to, int width) {
    int end = Math.min(to, values.length);
    if (from >= end) {
      return;
    }
    int groups = (end - from + 7) >>> 3;
    sink.putVarint((long) groups << 1 | 1);
    int start = sink.size();
    sink.putPacked(values, from, end, width);
    pad(sink, start + groups * width);
  }

  private static void putBitGroups(Sink sink, long[] bits, int from, int to) {
    if (from >= to) {
      return;
    }
    int groups = (to - from + 7) >>> 3;
    sink.putVarint((long) groups << 1 | 1);
    for (int at = from; at < to; at += 8) {
      sink.write((int) Bits.get(bits, at, Math.min(8, to - at)));
    }
  }

  /** The last group is whole too, though its last values mean nothing. */
  private static void pad(Sink sink, int size) {
    while (sink.size() < size) {
      sink.write(0);
    }
  }
}
