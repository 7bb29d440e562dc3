package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.Words;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;

/**
 * One deflated piece of a segment, as the segment's index tells of it.
 *
 * @param offset where it begins in its segment
 * @param length its bytes there
 * @param plainLength its bytes before they were deflated
 * @param checksum CRC-32 of its bytes
 * @param extent what it holds
 */
record Block(long offset, int length, int plainLength, int checksum, Extent extent) {
  /** More than anybody's list of snapshots. */
  static final int PLAIN_BYTES_MAX = 256 << 20;

  /** Deflate cannot do better. */
  private static final int RATIO_MAX = 1_040;

  /** A block that was just made. */
  record Content(byte[] bytes, int plainLength, Extent extent) {
    Block at(long offset) {
      return new Block(
          offset, bytes.length, plainLength, ArchiveFile.checksum(bytes, 0, bytes.length), extent);
    }
  }

  static Content deflate(String text, Extent extent) {
    byte[] plain = text.getBytes(StandardCharsets.UTF_8);
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION);
    try {
      deflater.setInput(plain);
      deflater.finish();
      ByteArrayOutputStream out = new ByteArrayOutputStream(plain.length / 4 + 64);
      byte[] piece = new byte[8192];
      while (!deflater.finished()) {
        out.write(piece, 0, deflater.deflate(piece));
      }
      return new Content(out.toByteArray(), plain.length, extent);
    } finally {
      deflater.end();
    }
  }

  /** The text of this block, from its bytes. */
  String inflate(byte[] bytes, String segment) {
    byte[] plain = new byte[plainLength];
    Inflater inflater = new Inflater();
    try {
      inflater.setInput(bytes);
      int done = 0;
      while (done < plainLength && !inflater.finished()) {
        int count = inflater.inflate(plain, done, plainLength - done);
        if (count == 0) {
          break;
        }
        done += count;
      }
      if (done == plainLength) {
        return new String(plain, StandardCharsets.UTF_8);
      }
    } catch (DataFormatException e) {
      // Said below.
    } finally {
      inflater.end();
    }
    throw new CorruptTableException(
        segment
            + " is damaged: its "
            + length
            + " bytes from "
            + offset
            + " do not inflate to "
            + plainLength
            + ". Restore the file from a copy; newer snapshots can be read without it.");
  }

  void write(StringBuilder out) {
    out.append(length).append(' ').append(plainLength).append(' ');
    out.append(HexFormat.of().toHexDigits(checksum)).append(' ');
    extent.write(out);
    out.append('\n');
  }

  static Block read(String line, long offset) {
    Words words = new Words(line);
    int length = (int) words.count(Integer.MAX_VALUE);
    int plain = (int) words.count(Math.min(PLAIN_BYTES_MAX, (long) RATIO_MAX * length));
    Block block = new Block(offset, length, plain, words.checksum(), Extent.read(words));
    words.end();
    return block;
  }
}
