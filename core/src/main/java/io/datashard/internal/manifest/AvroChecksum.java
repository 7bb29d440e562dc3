package io.datashard.internal.manifest;

import io.datashard.internal.checksum.InnerChecksum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A checksum over a whole Avro container file, kept in its header as the first key. */
final class AvroChecksum {
  static final String KEY = "datashard.crc32";

  private static final byte[] BEFORE_DIGITS = beforeDigits();

  private AvroChecksum() {}

  /** The key and the length of its value, as Avro writes them. */
  private static byte[] beforeDigits() {
    AvroOutput out = new AvroOutput(64);
    out.writeString(KEY);
    out.writeLong(InnerChecksum.LENGTH);
    return out.toByteArray();
  }

  /** Writes the key, with room for the digits. */
  static void reserve(AvroOutput header) {
    header.writeRaw(BEFORE_DIGITS, 0, BEFORE_DIGITS.length);
    byte[] placeholder = InnerChecksum.PLACEHOLDER.getBytes(StandardCharsets.US_ASCII);
    header.writeRaw(placeholder, 0, placeholder.length);
  }

  /** Puts the digits into the place that was reserved; nothing may be changed afterwards. */
  static void seal(byte[] file, int length) {
    // The header begins with four bytes of magic and the number of keys.
    for (int i = 0; i + BEFORE_DIGITS.length + InnerChecksum.LENGTH <= length; i++) {
      int end = i + BEFORE_DIGITS.length;
      if (Arrays.equals(file, i, end, BEFORE_DIGITS, 0, BEFORE_DIGITS.length)) {
        InnerChecksum.seal(file, 0, length, end);
        return;
      }
    }
    throw new IllegalArgumentException("The header has no room for a checksum.");
  }
}
