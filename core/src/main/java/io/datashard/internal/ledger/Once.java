package io.datashard.internal.ledger;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * What a caller knows an append by, as in "job 7, batch 42": the table takes it once.
 *
 * @param source 1 to {@value #SOURCE_BYTES_MAX} bytes of UTF-8; compared byte by byte
 * @param number 0 or more
 */
public record Once(String source, long number) {
  /** Longer names are refused: they are written with every commit. */
  public static final int SOURCE_BYTES_MAX = 256;

  /**
   * A source and a number.
   *
   * @throws IllegalArgumentException one of them is none
   */
  public Once {
    requireSource(source);
    if (number < 0) {
      throw new IllegalArgumentException(
          "The number of an append of source '" + source + "' is " + number + "; it must be >= 0.");
    }
  }

  static void requireSource(String source) {
    ByteBuffer bytes;
    try {
      bytes = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(source));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("The name of a source has half a character in it.", e);
    }
    if (bytes.remaining() < 1 || bytes.remaining() > SOURCE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "The name of a source has "
              + bytes.remaining()
              + " bytes; it must have 1.."
              + SOURCE_BYTES_MAX
              + ".");
    }
  }

  @Override
  public String toString() {
    return "number " + number + " of source '" + source + "'";
  }
}
