package io.datashard.arrow;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.arrow.flatbuf.BodyCompression;
import org.apache.arrow.flatbuf.CompressionType;

/**
 * Buffers of a compressed record batch. Spec: Message.fbs, BodyCompression: each buffer begins with
 * its length as it was, 8 bytes; -1 says that it is not compressed.
 */
final class Compressed {
  private Compressed() {}

  static ByteBuffer buffer(ByteBuffer compressed, BodyCompression how, String column) {
    if (compressed.remaining() < 8) {
      throw new Damaged("column '" + column + "' has a compressed buffer without length");
    }
    long length = compressed.getLong();
    if (length == -1) {
      return compressed.slice().order(ByteOrder.LITTLE_ENDIAN);
    }
    if (length < 0 || length > Integer.MAX_VALUE - 64) {
      throw new Damaged("column '" + column + "' has a buffer of " + length + " bytes");
    }
    byte[] from = new byte[compressed.remaining()];
    compressed.get(from);
    byte[] bytes =
        how.codec() == CompressionType.ZSTD
            ? zstd(from, (int) length, column)
            : Lz4Frame.read(from, (int) length);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] zstd(byte[] from, int length, String column) {
    long said = Zstd.getFrameContentSize(from);
    // What the frame says itself is held against what the message says before allocating.
    if (said > 0 && said != length) {
      throw new Damaged("column '" + column + "' has a zstd buffer of " + said + " bytes");
    }
    byte[] bytes = new byte[length];
    try {
      if (Zstd.decompress(bytes, from) != length) {
        throw new Damaged("column '" + column + "' has a zstd buffer of another length");
      }
    } catch (ZstdException e) {
      throw new Damaged("column '" + column + "': " + e.getMessage());
    }
    return bytes;
  }
}
