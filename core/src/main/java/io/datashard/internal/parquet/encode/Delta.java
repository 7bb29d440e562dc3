package io.datashard.internal.parquet.encode;

/**
 * Differences of neighbours, bit-packed. Spec: Parquet format, "Delta Encoding"
 * (DELTA_BINARY_PACKED), in blocks of 128 values of four miniblocks, as all writers have them.
 */
public final class Delta {
  private static final int BLOCK = 128;
  private static final int MINIBLOCKS = 4;
  private static final int MINIBLOCK = BLOCK / MINIBLOCKS;

  private final long[] deltas = new long[BLOCK];

  /** Appends values of 64 bits. */
  public void putLongs(Sink sink, long[] values, int from, int to) {
    header(sink, from < to ? values[from] : 0, to - from);
    for (int at = from + 1; at < to; at += BLOCK) {
      int count = Math.min(BLOCK, to - at);
      long least = Long.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        long delta = values[at + i] - values[at + i - 1]; // may wrap; readers wrap back
        deltas[i] = delta;
        least = Math.min(least, delta);
      }
      for (int i = 0; i < count; i++) {
        deltas[i] -= least;
      }
      block(sink, least, count);
    }
  }

  /** Appends values of 32 bits, sign-extended here. */
  public void putInts(Sink sink, long[] values, int from, int to) {
    header(sink, from < to ? values[from] : 0, to - from);
    for (int at = from + 1; at < to; at += BLOCK) {
      int count = Math.min(BLOCK, to - at);
      int least = Integer.MAX_VALUE;
      for (int i = 0; i < count; i++) {
        // Wraps at 32 bits, or a difference would need 33, which no reader of ints expects.
        int delta = (int) values[at + i] - (int) values[at + i - 1];
        deltas[i] = delta;
        least = Math.min(least, delta);
      }
      for (int i = 0; i < count; i++) {
        deltas[i] = deltas[i] - least & 0xffff_ffffL;
      }
      block(sink, least, count);
    }
  }

  private static void header(Sink sink, long first, int count) {
    sink.putVarint(BLOCK);
    sink.putVarint(MINIBLOCKS);
    sink.putVarint(count);
    sink.putZigzag(first);
  }

  private void block(Sink sink, long least, int count) {
    sink.putZigzag(least);
    sink.ensure(MINIBLOCKS);
    int widths = sink.size();
    sink.write(0);
    sink.write(0);
    sink.write(0);
    sink.write(0);
    for (int i = count; i % MINIBLOCK != 0; i++) {
      deltas[i] = 0; // a miniblock that is begun is written whole
    }
    for (int from = 0; from < count; from += MINIBLOCK) {
      long all = 0;
      for (int i = from; i < from + MINIBLOCK; i++) {
        all |= deltas[i];
      }
      int width = 64 - Long.numberOfLeadingZeros(all);
      sink.bytes()[widths + from / MINIBLOCK] = (byte) width;
      sink.putPacked(deltas, from, from + MINIBLOCK, width);
    }
  }
}
