package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Validity;
import io.datashard.schema.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Puts columns of byte strings, each from one page, together. */
final class ByteParts {
  private ByteParts() {}

  /** One column of all rows; dictionary codes if all parts share one dictionary. */
  static BytesColumn join(Type type, List<BytesColumn> parts, int rows) {
    long[] validity = validity(parts, rows);
    BytesColumn first = parts.get(0);
    for (BytesColumn part : parts) {
      if (!part.isDictionary() || part.bytes() != first.bytes()) {
        return copied(type, parts, rows, validity);
      }
    }
    return shared(first, parts, rows, validity);
  }

  private static long @Nullable [] validity(List<BytesColumn> parts, int rows) {
    if (parts.stream().allMatch(p -> p.validity() == null)) {
      return null;
    }
    long[] validity = new long[Validity.words(rows)];
    int at = 0;
    for (BytesColumn part : parts) {
      for (int row = 0; row < part.size(); row++, at++) {
        if (!part.isNull(row)) {
          Validity.set(validity, at);
        }
      }
    }
    return validity;
  }

  private static BytesColumn shared(
      BytesColumn first, List<BytesColumn> parts, int rows, long @Nullable [] validity) {
    int[] codes = new int[rows];
    int at = 0;
    for (BytesColumn part : parts) {
      for (int row = 0; row < part.size(); row++) {
        codes[at++] = part.code(row);
      }
    }
    return first.withCodes(codes, rows, validity);
  }

  private static BytesColumn copied(
      Type type, List<BytesColumn> parts, int rows, long @Nullable [] validity) {
    int[] offsets = new int[rows + 1];
    long total = 0;
    int at = 0;
    for (BytesColumn part : parts) {
      for (int row = 0; row < part.size(); row++) {
        int entry = part.code(row);
        total += part.isNull(row) ? 0 : part.end(entry) - part.start(entry);
        if (total > Integer.MAX_VALUE - 64) {
          throw new DamagedException("values of " + total + " bytes in " + rows + " rows");
        }
        offsets[++at] = (int) total;
      }
    }
    byte[] bytes = new byte[(int) total];
    at = 0;
    for (BytesColumn part : parts) {
      for (int row = 0; row < part.size(); row++, at++) {
        int start = part.start(part.code(row));
        System.arraycopy(part.bytes(), start, bytes, offsets[at], offsets[at + 1] - offsets[at]);
      }
    }
    return BytesColumn.plain(type, bytes, offsets, rows, validity);
  }
}
