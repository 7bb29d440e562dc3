package io.datashard.internal.parquet;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.KeyValue;
import org.jspecify.annotations.Nullable;

/**
 * A checksum over a footer, kept in the footer.
 *
 * <p>Parquet has checksums for pages and none for the footer, where one changed bit turns a column
 * into nulls. So the footers that we write hold, as key-value metadata, the CRC-32 of their own
 * bytes with the digits of the checksum taken as zeros. Others ignore the key. A footer without it
 * is not verified: it was written by somebody else, or exactly the key was hit and nothing else.
 */
final class FooterChecksum {
  static final String KEY = "datashard.footer.crc32";

  private static final String PLACEHOLDER = "00000000";
  private static final byte STRING_FIELD_NEXT = 0x18;

  /** The key as the Thrift compact protocol writes it, up to the first digit of the value. */
  private static final byte[] BEFORE_DIGITS = beforeDigits();

  private FooterChecksum() {}

  private static byte[] beforeDigits() {
    byte[] key = KEY.getBytes(StandardCharsets.US_ASCII);
    byte[] all = Arrays.copyOf(key, key.length + 2);
    all[key.length] = STRING_FIELD_NEXT;
    all[key.length + 1] = (byte) PLACEHOLDER.length();
    return all;
  }

  /** Makes room for the checksum; nothing may be added to the key-value metadata afterwards. */
  static void reserve(FileMetaData footer) {
    footer.addToKey_value_metadata(new KeyValue(KEY).setValue(PLACEHOLDER));
  }

  /** Puts the checksum into the place that was reserved. */
  static void seal(byte[] footer) {
    int digits = digitsIn(footer, 0, footer.length);
    byte[] value = hex(crc(footer, 0, footer.length, digits));
    System.arraycopy(value, 0, footer, digits, value.length);
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
    String found =
        digits < 0
            ? "none"
            : new String(hex(crc(bytes, start, end, digits)), StandardCharsets.US_ASCII);
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
    for (int i = end - BEFORE_DIGITS.length - PLACEHOLDER.length(); i >= start; i--) {
      if (Arrays.equals(
          bytes, i, i + BEFORE_DIGITS.length, BEFORE_DIGITS, 0, BEFORE_DIGITS.length)) {
        return i + BEFORE_DIGITS.length;
      }
    }
    return -1;
  }

  private static int crc(byte[] bytes, int start, int end, int digits) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, digits - start);
    crc.update(PLACEHOLDER.getBytes(StandardCharsets.US_ASCII));
    int after = digits + PLACEHOLDER.length();
    crc.update(bytes, after, end - after);
    return (int) crc.getValue();
  }

  private static byte[] hex(int crc) {
    return HexFormat.of().toHexDigits(crc).getBytes(StandardCharsets.US_ASCII);
  }
}
