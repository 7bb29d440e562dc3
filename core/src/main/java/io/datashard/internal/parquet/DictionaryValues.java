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
    codes.readCodes(into, count, dictionary.entries().size());
  }

  /** The codes of the next rows, which all hold a value, left where they are. */
  PackedCodes packed(int count) {
    PackedCodes packed = new PackedCodes(codes.copy(), dictionary.entries().size(), count);
    codes.skip(count);
    return packed;
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
