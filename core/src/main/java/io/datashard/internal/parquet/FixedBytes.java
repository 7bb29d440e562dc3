package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/**
 * Byte strings of one length. Spec: Parquet format, "Encodings", PLAIN = 0.
 *
 * <p>The columns read share the page's array.
 */
final class FixedBytes extends ValueReader {
  private final byte[] bytes;
  private final int end;
  private final int width;
  private int at;

  FixedBytes(byte[] bytes, int start, int end, int width) {
    if (width < 1) {
      throw new DamagedException("values of " + width + " bytes");
    }
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.width = width;
  }

  @Override
  void skip(int count) {
    if (count > (end - at) / width) {
      throw new DamagedException(
          count + " values of " + width + " bytes wanted, " + (end - at) + " bytes are left");
    }
    at += count * width;
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    int from = at;
    skip(present);
    int[] offsets = new int[rows + 1];
    for (int i = 0; i <= present; i++) {
      offsets[i] = from + i * width;
    }
    spread(offsets, rows, present, validity);
    return BytesColumn.plain(type, bytes, offsets, rows, validity);
  }
}
