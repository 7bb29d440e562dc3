package io.datashard.internal.parquet;

/** Booleans in the RLE / bit-packing hybrid. Spec: Parquet format, "Encodings", RLE = 3. */
final class RunBooleans extends ValueReader {
  private static final int STEP = 1_024;

  private final HybridReader runs;
  private final int[] scratch = new int[STEP];

  RunBooleans(byte[] bytes, int start, int end) {
    int length = end - start < 4 ? -1 : Little.getInt(bytes, start);
    if (length < 0 || length > end - start - 4) {
      throw new DamagedException(
          length + " bytes of booleans, the page has " + (end - start - 4) + " left");
    }
    this.runs = new HybridReader(bytes, start + 4, start + 4 + length, 1);
  }

  @Override
  void skip(int count) {
    runs.skip(count);
  }

  @Override
  void booleans(boolean[] into, int start, int count) {
    for (int done = 0; done < count; ) {
      int step = Math.min(STEP, count - done);
      runs.read(scratch, 0, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = (scratch[i] & 1) != 0;
      }
      done += step;
    }
  }
}
