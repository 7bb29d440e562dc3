package io.datashard.internal.parquet;

import java.util.HexFormat;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * Checksums of a chunk's page indexes, kept in the footer.
 *
 * <p>Parquet has none for them, and one changed bit in an index makes a filter pass over a page
 * that has rows for it. So each chunk that we write an index for holds, as key-value metadata, the
 * CRC-32 of its column index and that of its offset index. The footer has a checksum of its own.
 */
final class IndexChecksum {
  static final String KEY = "datashard.index.crc32";

  private static final int DIGITS = 8;

  private IndexChecksum() {}

  /**
   * Records the checksums.
   *
   * @param values the column index, empty if there is none
   */
  static void put(ColumnMetaData about, byte[] values, byte[] offsets) {
    String digits = digits(values, 0, values.length) + digits(offsets, 0, offsets.length);
    about.addToKey_value_metadata(new KeyValue(KEY).setValue(digits));
  }

  /**
   * Holds a column index against its checksum, if it has one.
   *
   * @throws DamagedException they differ
   */
  static void verifyValues(ColumnMetaData about, byte[] bytes, int start, int end) {
    verify(about, 0, "column", digits(bytes, start, end));
  }

  /** The same for an offset index. */
  static void verifyOffsets(ColumnMetaData about, byte[] bytes, int start, int end) {
    verify(about, DIGITS, "offset", digits(bytes, start, end));
  }

  private static void verify(ColumnMetaData about, int at, String which, String found) {
    String expected = valueOf(about);
    if (expected != null && !expected.startsWith(found, at)) {
      throw new DamagedException(
          "its " + which + " index has the checksum " + found + ", the footer says " + expected);
    }
  }

  private static @Nullable String valueOf(ColumnMetaData about) {
    if (about.isSetKey_value_metadata()) {
      for (KeyValue each : about.getKey_value_metadata()) {
        if (KEY.equals(each.getKey())) {
          return String.valueOf(each.getValue());
        }
      }
    }
    return null;
  }

  private static String digits(byte[] bytes, int start, int end) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, end - start);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
