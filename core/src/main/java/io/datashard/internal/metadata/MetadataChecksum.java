package io.datashard.internal.metadata;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.checksum.InnerChecksum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A checksum over a metadata file, kept at its very end as a field that Iceberg does not know.
 *
 * <p>Not a table property: other writers copy those into the versions they make, where the checksum
 * would be wrong; fields that they do not know they drop or leave where they are not at the end.
 */
final class MetadataChecksum {
  static final String KEY = "datashard-crc32";

  private static final byte[] BEFORE_DIGITS =
      (",\"" + KEY + "\":\"").getBytes(StandardCharsets.US_ASCII);
  private static final byte[] AFTER_DIGITS = "\"}".getBytes(StandardCharsets.US_ASCII);

  private MetadataChecksum() {}

  /** Puts the digits into the last field, which holds the placeholder. */
  static void seal(byte[] file) {
    InnerChecksum.seal(file, 0, file.length, digitsIn(file));
  }

  /**
   * Holds a file against its checksum, if it ends with one.
   *
   * @throws CorruptTableException they differ
   */
  static void verify(byte[] file, String fileName) {
    int digits = digitsIn(file);
    if (!has(file, digits - BEFORE_DIGITS.length, BEFORE_DIGITS)
        || !has(file, digits + InnerChecksum.LENGTH, AFTER_DIGITS)) {
      return; // somebody else's file, or edited by hand
    }
    String given = new String(file, digits, InnerChecksum.LENGTH, StandardCharsets.US_ASCII);
    String expected = InnerChecksum.expected(file, 0, file.length, digits);
    if (!given.equals(expected)) {
      throw new CorruptTableException(
          fileName
              + " ("
              + file.length
              + " bytes) is damaged: it should have the checksum "
              + expected
              + ", it says "
              + given
              + ". Restore it from a copy; if it was edited on purpose, remove its last field, "
              + KEY
              + ".");
    }
  }

  private static int digitsIn(byte[] file) {
    return file.length - AFTER_DIGITS.length - InnerChecksum.LENGTH;
  }

  private static boolean has(byte[] file, int start, byte[] part) {
    return start >= 0
        && start + part.length <= file.length
        && Arrays.equals(file, start, start + part.length, part, 0, part.length);
  }
}
