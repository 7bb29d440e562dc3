package io.datashard.internal.parquet;

import net.jpountz.xxhash.XXHash64;
import net.jpountz.xxhash.XXHashFactory;

/**
 * The hash that Bloom filters are made of: XXH64 with seed 0 over a value in plain encoding, a byte
 * string without its length. Spec: Parquet format, "Bloom Filter".
 */
final class XxHash {
  private static final XXHash64 HASH = XXHashFactory.safeInstance().hash64();

  private XxHash() {}

  static long of(byte[] bytes, int start, int end) {
    return HASH.hash(bytes, start, end - start, 0);
  }

  /**
   * The hash of a number.
   *
   * @param width how many bytes of it are stored, 4 or 8
   * @param room at least 8 bytes to work in
   */
  static long of(long value, int width, byte[] room) {
    for (int i = 0; i < width; i++) {
      room[i] = (byte) (value >>> 8 * i);
    }
    return HASH.hash(room, 0, width, 0);
  }
}
