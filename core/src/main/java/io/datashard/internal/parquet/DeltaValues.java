package io.datashard.internal.parquet;

/** Ints and longs stored as differences. */
final class DeltaValues extends ValueReader {
  private static final int STEP = 512;

  private final DeltaReader deltas;
  private final long[] scratch = new long[STEP];

  DeltaValues(byte[] bytes, int start, int end) {
    deltas = new DeltaReader(bytes, start, end);
  }

  @Override
  void skip(int count) {
    for (int done = 0; done < count; done += STEP) {
      deltas.read(scratch, 0, Math.min(STEP, count - done));
    }
  }

  @Override
  void ints(int[] into, int start, int count) {
    for (int done = 0; done < count; done += STEP) {
      int step = Math.min(STEP, count - done);
      deltas.read(scratch, 0, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = (int) scratch[i];
      }
    }
  }

  @Override
  void longs(long[] into, int start, int count) {
    deltas.read(into, start, count);
  }
}
