package io.datashard.internal.checksum;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32;

/**
 * A CRC-32 that lies inside the bytes it covers: eight hexadecimal digits, taken as zeros when it
 * is computed.
 *
 * <p>Iceberg and Parquet leave manifests, metadata and footers without a checksum, where one
 * changed bit can hide rows. What we write there has one, under a key of ours that others pass
 * over. Bytes without it are not verified: somebody else wrote them, or exactly the key was hit and
 * nothing else.
 */
public final class InnerChecksum {
  /** What stands in the place of the digits before {@link #seal}. */
  public static final String PLACEHOLDER = "00000000";

  /** How many bytes the digits take. */
  public static final int LENGTH = PLACEHOLDER.length();

  private static final byte[] ZEROS = PLACEHOLDER.getBytes(StandardCharsets.US_ASCII);

  private InnerChecksum() {}

  /** Puts the digits in their place, for the bytes from {@code start} to {@code end}. */
  public static void seal(byte[] bytes, int start, int end, int digits) {
    byte[] value = expected(bytes, start, end, digits).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(value, 0, bytes, digits, LENGTH);
  }

  /** The digits that these bytes should have. */
  public static String expected(byte[] bytes, int start, int end, int digits) {
    CRC32 crc = new CRC32();
    crc.update(bytes, start, digits - start);
    crc.update(ZEROS);
    int after = digits + LENGTH;
    crc.update(bytes, after, end - after);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /** Where the last match of {@code before} ends that leaves room for digits; -1 if none does. */
  public static int placeAfter(byte[] before, byte[] bytes, int start, int end) {
    for (int i = end - before.length - LENGTH; i >= start; i--) {
      if (Arrays.equals(bytes, i, i + before.length, before, 0, before.length)) {
        return i + before.length;
      }
    }
    return -1;
  }
}
