package io.datashard.internal.parquet;

import java.util.HexFormat;
import java.util.zip.CRC32;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.KeyValue;

/**
 * The checksum of a chunk's Bloom filter, kept in the footer, which has a checksum of its own.
 *
 * <p>Parquet has none for it, and one bit that is lost makes a filter pass over rows. It covers the
 * filter's header and its bits.
 */
final class BloomChecksum {
  static final String KEY = "datashard.bloom.crc32";

  private BloomChecksum() {}

  /** Records the checksum of these bytes. */
  static void put(ColumnMetaData about, byte[] bytes, int end) {
    about.addToKey_value_metadata(new KeyValue(KEY).setValue(digits(bytes, 0, end)));
  }

  /**
   * Holds a filter against its checksum.
   *
   * @throws DamagedException they differ, or there is none
   */
  static void verify(ColumnMetaData about, byte[] bytes, int start, int end) {
    String found = digits(bytes, start, end);
    if (about.isSetKey_value_metadata()) {
      for (KeyValue each : about.getKey_value_metadata()) {
        if (KEY.equals(each.getKey()) && found.equals(each.getValue())) {
          return;
        }
      }
    }
    throw new DamagedException(
        "its Bloom filter has the checksum " + found + ", the footer says otherwise");
  }

  private static String digits(byte[] bytes, int start, int end) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, end - start);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }
}
