package io.datashard.internal.parquet;

import io.datashard.internal.checksum.InnerChecksum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * A checksum over a footer, kept in the footer's key-value metadata.
 *
 * <p>Parquet has checksums for pages and none for the footer, where one changed bit turns a column
 * into nulls.
 */
final class FooterChecksum {
  static final String KEY = "datashard.footer.crc32";

  private static final byte STRING_FIELD_NEXT = 0x18;

  /** The key as the Thrift compact protocol writes it, up to the first digit of the value. */
  private static final byte[] BEFORE_DIGITS = beforeDigits();

  private FooterChecksum() {}

  private static byte[] beforeDigits() {
    byte[] key = KEY.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(key, key.length + 2);
    all[key.length] = STRING_FIELD_NEXT;
    all[key.length + 1] = (byte) InnerChecksum.LENGTH;
    return all;
  }

  /** Makes room for the checksum; nothing may be added to the key-value metadata afterwards. */
  static void reserve(FileMetaData footer) {
    footer.addToKey_value_metadata(new KeyValue(KEY).setValue(InnerChecksum.PLACEHOLDER));
  }

  /** Puts the checksum into the place that was reserved. */
  static void seal(byte[] footer) {
    int digits = digitsIn(footer, 0, footer.length);
    InnerChecksum.seal(footer, 0, footer.length, digits);
  }

  /**
   * Holds a footer against its checksum, if it has one.
   *
   * @throws DamagedException they differ
   */
  static void verify(FileMetaData footer, byte[] bytes, int start, int end) {
    String expected = valueOf(footer);
    if (expected == null) {
      return;
    }
    int digits = digitsIn(bytes, start, end);
    String found = digits < 0 ? "none" : InnerChecksum.expected(bytes, start, end, digits);
    if (!found.equals(expected)) {
      throw new DamagedException(
          "its footer has the checksum " + found + ", it should be " + expected);
    }
  }

  /** Whether there is a checksum in the footer. */
  static boolean isIn(FileMetaData footer) {
    return valueOf(footer) != null;
  }

  private static @Nullable String valueOf(FileMetaData footer) {
    if (!footer.isSetKey_value_metadata()) {
      return null;
    }
    for (KeyValue each : footer.getKey_value_metadata()) {
      if (KEY.equals(each.getKey())) {
        return String.valueOf(each.getValue());
      }
    }
    return null;
  }

  /** The last match: a column may be called like the key, but the schema comes before. */
  private static int digitsIn(byte[] bytes, int start, int end) {
    return InnerChecksum.placeAfter(BEFORE_DIGITS, bytes, start, end);
  }
}
