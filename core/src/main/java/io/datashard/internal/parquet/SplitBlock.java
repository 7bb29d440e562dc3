package io.datashard.internal.parquet;

/**
 * Blocks of 32 bytes, eight words each; a value sets one bit in each word of one block. Spec:
 * Parquet format, "Bloom Filter", split block Bloom filters.
 */
final class SplitBlock {
  static final int BYTES = 32;

  private static final int[] SALT = {
    0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947, 0x5c6bfb31
  };

  private SplitBlock() {}

  /** The block of a value, of so many. */
  static int of(long hash, int blocks) {
    return (int) ((hash >>> 32) * blocks >>> 32);
  }

  /**
   * Sets the bits of a value.
   *
   * @param start where its block starts
   * @return whether one of them was not set before, so that the value is certainly new
   */
  static boolean add(byte[] bitset, int start, long hash) {
    boolean changed = false;
    for (int word = 0; word < SALT.length; word++) {
      int bit = (int) hash * SALT[word] >>> 27;
      int at = start + 4 * word + (bit >>> 3); // words are little-endian
      int mask = 1 << (bit & 7);
      changed |= (bitset[at] & mask) == 0;
      bitset[at] |= (byte) mask;
    }
    return changed;
  }

  /** Whether all bits of a value are set in the block that starts here. */
  static boolean mayHold(byte[] bitset, int start, long hash) {
    for (int word = 0; word < SALT.length; word++) {
      int bit = (int) hash * SALT[word] >>> 27;
      if ((bitset[start + 4 * word + (bit >>> 3)] & 1 << (bit & 7)) == 0) {
        return false;
      }
    }
    return true;
  }
}
