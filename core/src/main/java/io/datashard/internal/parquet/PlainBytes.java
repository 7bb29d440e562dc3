package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Byte strings, each behind its length. Spec: Parquet format, "Encodings", PLAIN = 0.
 *
 * <p>The columns read share the page's array.
 */
final class PlainBytes extends ValueReader {
  private final byte[] bytes;
  private final int end;
  private int at;

  PlainBytes(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  @Override
  void skip(int count) {
    int next = at;
    for (int i = 0; i < count; i++) {
      next += 4 + lengthAt(next);
    }
    at = next;
  }

  private int lengthAt(int place) {
    int length = end - place < 4 ? -1 : Little.getInt(bytes, place);
    if (length < 0 || length > end - place - 4) {
      throw new DamagedException(
          "a value of " + length + " bytes, the page has " + (end - place) + " left");
    }
    return length;
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    int[] offsets = new int[rows + 1];
    int next = at;
    for (int i = 0; i < present; i++) {
      offsets[i] = next + 4;
      next += 4 + lengthAt(next);
    }
    offsets[present] = next + 4;
    at = next;
    spread(offsets, rows, present, validity);
    return BytesColumn.plainWithGaps(type, bytes, offsets, 4, rows, validity);
  }
}
