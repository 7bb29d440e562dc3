package io.datashard.internal.parquet;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.Validity;
import io.datashard.schema.Type;
import org.jspecify.annotations.Nullable;

/** Values as codes into a dictionary. Spec: Parquet format, "Encodings", RLE_DICTIONARY = 8. */
final class DictionaryValues extends ValueReader {
  private static final int STEP = 1_024;

  private final Dictionary dictionary;
  private final HybridReader codes;
  private final int[] scratch = new int[STEP];

  DictionaryValues(Dictionary dictionary, HybridReader codes) {
    this.dictionary = dictionary;
    this.codes = codes;
  }

  @Override
  void skip(int count) {
    codes.skip(count);
  }

  /** Reads codes, of which none is past the dictionary's end. */
  private void read(int[] into, int count) {
    codes.read(into, 0, count);
    int size = dictionary.entries().size();
    int highest = codes.isUnsigned() ? highest(into, count) : highestOfAny(into, count);
    if (highest < 0 || highest >= size) {
      throw new DamagedException("code " + highest + " in a dictionary of " + size + " values");
    }
  }

  /** Written so that the compiler makes vector instructions of it. */
  private static int highest(int[] codes, int count) {
    int highest = 0;
    for (int i = 0; i < count; i++) {
      highest = Math.max(highest, codes[i]);
    }
    return highest;
  }

  /** The same; a negative one if there is one. */
  private static int highestOfAny(int[] codes, int count) {
    int signs = 0;
    for (int i = 0; i < count; i++) {
      signs |= codes[i];
    }
    return signs < 0 ? signs : highest(codes, count);
  }

  @Override
  void ints(int[] into, int start, int count) {
    int[] entries = dictionary.ints();
    for (int done = 0; done < count; done += STEP) {
      int step = Math.min(STEP, count - done);
      read(scratch, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = entries[scratch[i]];
      }
    }
  }

  @Override
  void longs(long[] into, int start, int count) {
    long[] entries = dictionary.longs();
    for (int done = 0; done < count; done += STEP) {
      int step = Math.min(STEP, count - done);
      read(scratch, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = entries[scratch[i]];
      }
    }
  }

  @Override
  void floats(float[] into, int start, int count) {
    float[] entries = dictionary.floats();
    for (int done = 0; done < count; done += STEP) {
      int step = Math.min(STEP, count - done);
      read(scratch, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = entries[scratch[i]];
      }
    }
  }

  @Override
  void doubles(double[] into, int start, int count) {
    double[] entries = dictionary.doubles();
    for (int done = 0; done < count; done += STEP) {
      int step = Math.min(STEP, count - done);
      read(scratch, step);
      for (int i = 0; i < step; i++) {
        into[start + done + i] = entries[scratch[i]];
      }
    }
  }

  @Override
  BytesColumn bytes(Type type, int rows, int present, long @Nullable [] validity) {
    if (present == 0) { // the dictionary may be empty, and a code names an entry even for null
      return BytesColumn.plain(type, new byte[0], new int[rows + 1], rows, validity);
    }
    return dictionary.byteStrings().withCodes(codes(rows, present, validity), rows, validity);
  }

  /** The distinct values. */
  Column entries() {
    return dictionary.entries();
  }

  /**
   * Reads the codes of the next rows.
   *
   * @param present how many of the rows hold a value
   * @param validity which of them; the others get the code 0
   */
  int[] codes(int rows, int present, long @Nullable [] validity) {
    int[] rowCodes = new int[rows];
    read(rowCodes, present);
    if (validity != null && present < rows) {
      int from = present;
      for (int row = rows - 1; row >= 0; row--) {
        rowCodes[row] = Validity.isSet(validity, row) ? rowCodes[--from] : 0;
      }
    }
    return rowCodes;
  }
}
