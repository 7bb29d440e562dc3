package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * All lengths as differences, then all bytes. Spec: Parquet format, "Encodings",
 * DELTA_LENGTH_BYTE_ARRAY = 6.
 *
 * <p>The columns read share the page's array.
 */
final class DeltaLengthBytes extends ValueReader {
  private final byte[] bytes;
  private final int end;
  private final DeltaReader lengths;
  private int at;
  private long[] scratch = {};

  DeltaLengthBytes(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.end = end;
    this.lengths = new DeltaReader(bytes, start, end);
    this.at = lengths.walkToEnd();
  }

  /** How many values there are. */
  int count() {
    return lengths.count();
  }

  byte[] array() {
    return bytes;
  }

  @Override
  void skip(int count) {
    int[] offsets = new int[count + 1];
    next(offsets, count);
  }

  /** Fills the offsets of the next values and the end of the last. */
  void next(int[] offsets, int count) {
    if (scratch.length < count) {
      scratch = new long[count];
    }
    lengths.read(scratch, 0, count);
    int next = at;
    for (int i = 0; i < count; i++) {
      offsets[i] = next;
      int length = (int) scratch[i];
      if (length < 0 || length > end - next) {
        throw new DamagedException(
            "a value of " + length + " bytes, the page has " + (end - next) + " left");
      }
      next += length;
    }
    offsets[count] = next;
    at = next;
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    int[] offsets = new int[rows + 1];
    next(offsets, present);
    spread(offsets, rows, present, validity);
    return BytesColumn.plain(type, bytes, offsets, rows, validity);
  }
}
