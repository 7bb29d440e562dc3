package io.datashard.internal.parquet;

import io.datashard.internal.parquet.encode.Sink;
import java.util.Arrays;

/**
 * What the columns of one file share: room for a page, the codec and the rule by which sizes are
 * compared.
 */
final class Packer implements AutoCloseable {
  /**
   * By how much a compressed page must be smaller to be worth it, in 1/64: decompressing is most of
   * the cost of a scan.
   */
  private static final int GAIN_MIN = 2;

  private final Codec codec;
  private final int level;
  private final Codecs codecs = new Codecs();
  private final Sink page = new Sink(64);
  private byte[] packed = {};
  private int packedSize;

  Packer(Codec codec, int level) {
    this.codec = codec;
    this.level = level;
  }

  /** The codec of pages that are compressed. */
  Codec codec() {
    return codec;
  }

  /** The shared room for one page, emptied. */
  Sink page() {
    page.clear();
    return page;
  }

  /** Compresses; returns how many bytes it became. */
  int pack(byte[] bytes, int length) {
    int most = Codecs.compressedBytesMax(codec, length);
    if (packed.length < most) {
      packed = new byte[Math.max(most, Math.min(2 * packed.length, 1 << 20))];
    }
    packedSize = codecs.compress(codec, level, bytes, 0, length, packed, 0);
    return packedSize;
  }

  /** A copy of what {@link #pack} made last. */
  byte[] packed() {
    return Arrays.copyOf(packed, packedSize);
  }

  /** How many bytes these would become in a column that may be compressed or not. */
  int packedSize(Sink sink) {
    return codec == Codec.NONE ? sink.size() : pack(sink.bytes(), sink.size());
  }

  /** Whether compressing so many bytes to so few is worth reading them again. */
  boolean pays(long plainSize, long compressedSize) {
    return codec != Codec.NONE && compressedSize < plainSize - plainSize * GAIN_MIN / 64;
  }

  @Override
  public void close() {
    codecs.close();
  }
}
