package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Of each value how much of the value before it begins, and the rest. Spec: Parquet format,
 * "Encodings", DELTA_BYTE_ARRAY = 7.
 */
final class DeltaPrefixBytes extends ValueReader {
  /** What the values of one batch may take: a page of this encoding can claim any size. */
  private static final long BATCH_BYTES_MAX = 256L << 20;

  private static final int SKIP_STEP = 512;

  private final DeltaReader prefixes;
  private final DeltaLengthBytes suffixes;
  private byte[] last = {};
  private long[] scratch = {};

  DeltaPrefixBytes(byte[] bytes, int start, int end) {
    this.prefixes = new DeltaReader(bytes, start, end);
    this.suffixes = new DeltaLengthBytes(bytes, prefixes.walkToEnd(), end);
    if (prefixes.count() != suffixes.count()) {
      throw new DamagedException(
          prefixes.count() + " prefixes of values and " + suffixes.count() + " suffixes");
    }
  }

  @Override
  void skip(int count) {
    for (int done = 0; done < count; done += SKIP_STEP) {
      int step = Math.min(SKIP_STEP, count - done);
      next(new int[step + 1], step);
    }
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    int[] offsets = new int[rows + 1];
    byte[] values = next(offsets, present);
    spread(offsets, rows, present, validity);
    return BytesColumn.plain(type, values, offsets, rows, validity);
  }

  /** Puts the next values together; fills their offsets and the end of the last. */
  private byte[] next(int[] offsets, int count) {
    if (scratch.length < count) {
      scratch = new long[count];
    }
    prefixes.read(scratch, 0, count);
    int[] ends = new int[count + 1];
    suffixes.next(ends, count);
    long total = 0;
    int before = last.length;
    for (int i = 0; i < count; i++) {
      int prefix = (int) scratch[i];
      if (prefix < 0 || prefix > before) {
        throw new DamagedException(
            "a value shares " + prefix + " bytes with one of " + before + " bytes");
      }
      before = prefix + ends[i + 1] - ends[i];
      total += before;
      if (total > BATCH_BYTES_MAX) {
        throw new DamagedException(
            "values of more than " + BATCH_BYTES_MAX + " bytes in " + count + " rows");
      }
      offsets[i + 1] = (int) total;
    }
    byte[] values = new byte[(int) total];
    byte[] previous = last;
    int previousAt = 0;
    for (int i = 0; i < count; i++) {
      int prefix = (int) scratch[i];
      int to = offsets[i];
      System.arraycopy(previous, previousAt, values, to, prefix);
      System.arraycopy(suffixes.array(), ends[i], values, to + prefix, ends[i + 1] - ends[i]);
      previous = values;
      previousAt = to;
    }
    if (count > 0) {
      last = Arrays.copyOfRange(values, offsets[count - 1], offsets[count]);
    }
    return values;
  }
}
