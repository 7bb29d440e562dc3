package io.datashard.internal.parquet;

import io.datashard.internal.parquet.encode.Sink;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the columns of one file share: room for a page, the codec and the rule by which sizes are
 * compared.
 */
final class Packer implements AutoCloseable {
  /** Contexts for the next files: making one takes longer than compressing a small file. */
  private static final Queue<Codecs> IDLE = new ConcurrentLinkedQueue<>();

  private static final int IDLE_MAX = 4;

  private final Codec codec;
  private final int level;
  private final Codecs codecs;
  private final Sink page = new Sink(64);
  private byte[] packed = {};
  private int packedSize;

  Packer(Codec codec, int level) {
    this.codec = codec;
    this.level = level;
    Codecs idle = IDLE.poll();
    this.codecs = idle == null ? new Codecs() : idle;
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

  /**
   * What bytes that are compressed to so many are worth, in bytes that need no codec. Decompressing
   * is most of the work of a scan, so a few percent less to read do not pay for it; its time goes
   * with what it reads and, less, with what it makes.
   */
  static double cost(double plainSize, double packedSize) {
    return packedSize * (1 + 1.0 / 16) + plainSize / 48;
  }

  /** Whether compressing so many bytes to so few is worth reading them again. */
  boolean pays(double plainSize, double packedSize) {
    return codec != Codec.NONE && cost(plainSize, packedSize) < plainSize;
  }

  /** Gives the codecs back; nothing can be packed afterwards. Called once. */
  @Override
  public void close() {
    if (IDLE.size() < IDLE_MAX) {
      IDLE.add(codecs);
    } else {
      codecs.close();
    }
  }
}
