package io.datashard.internal.parquet;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Makes the Bloom filter of one column chunk, sized from the distinct values it is given. Spec:
 * Parquet format, "Bloom Filter".
 *
 * <p>How: the first hashes are kept as they are, so few values cost little memory and their number
 * is exact. More go into a filter of the largest size allowed, and a value counts as distinct if it
 * sets a new bit. At the end neighbouring blocks are laid over each other until the filter is as
 * small as its values allow; a filter whose number of blocks is a power of two stays right by that,
 * because a value's block is the upper part of its hash.
 */
final class BloomFilterBuilder {
  private static final int HASHES_MAX = 16 << 10;

  private final double falsePositives;
  private final int bytesMax;
  private long[] hashes = {};
  private int hashCount;
  private byte @Nullable [] bitset;
  private long distinct;

  /**
   * An empty filter.
   *
   * @param falsePositives how many of the values that are not there may seem to be, above 0 and
   *     below 1
   * @param bytesMax how many bytes the filter may have; rounded down to a power of two, at least
   *     {@value SplitBlock#BYTES}
   */
  BloomFilterBuilder(double falsePositives, int bytesMax) {
    this.falsePositives = falsePositives;
    this.bytesMax = Integer.highestOneBit(Math.max(SplitBlock.BYTES, bytesMax));
  }

  boolean isEmpty() {
    return hashCount == 0 && bitset == null;
  }

  void add(long hash) {
    byte[] set = bitset;
    if (set != null) {
      insert(set, hash);
      return;
    }
    if (hashCount == hashes.length) {
      if (hashCount >= HASHES_MAX) {
        dropRepeated();
        if (hashCount > HASHES_MAX / 2) {
          set = filled(new byte[bytesMax]);
          bitset = set;
          hashes = new long[0];
          hashCount = 0;
          insert(set, hash);
          return;
        }
      } else {
        hashes = Arrays.copyOf(hashes, Math.max(64, 2 * hashes.length));
      }
    }
    hashes[hashCount++] = hash;
  }

  private void dropRepeated() {
    Arrays.sort(hashes, 0, hashCount);
    int kept = 0;
    for (int i = 0; i < hashCount; i++) {
      if (i == 0 || hashes[i] != hashes[i - 1]) {
        hashes[kept++] = hashes[i];
      }
    }
    hashCount = kept;
  }

  private void insert(byte[] set, long hash) {
    int block = SplitBlock.of(hash, set.length / SplitBlock.BYTES);
    distinct += SplitBlock.add(set, block * SplitBlock.BYTES, hash) ? 1 : 0;
  }

  private byte[] filled(byte[] set) {
    for (int i = 0; i < hashCount; i++) {
      insert(set, hashes[i]);
    }
    return set;
  }

  /** The bits of all values so far. Forgets them. */
  byte[] build() {
    byte[] set = bitset;
    if (set == null) {
      dropRepeated();
      set = filled(new byte[bytesFor(hashCount)]);
    } else {
      int wanted = bytesFor(distinct);
      while (set.length > wanted) {
        set = halved(set);
      }
    }
    clear();
    return set;
  }

  /** Forgets all values. */
  void clear() {
    hashes = new long[0];
    hashCount = 0;
    bitset = null;
    distinct = 0;
  }

  /** The smallest size that keeps the promise, as parquet-java computes it, or the largest. */
  private int bytesFor(long values) {
    double bits = -8 * values / Math.log(1 - Math.pow(falsePositives, 1.0 / 8));
    int bytes = SplitBlock.BYTES;
    while (bytes < bytesMax && bytes * 8.0 < bits) {
      bytes *= 2;
    }
    return bytes;
  }

  private static byte[] halved(byte[] set) {
    byte[] half = new byte[set.length / 2];
    for (int at = 0; at < half.length; at++) {
      int block = at / SplitBlock.BYTES;
      int within = at % SplitBlock.BYTES;
      int from = 2 * block * SplitBlock.BYTES + within;
      half[at] = (byte) (set[from] | set[from + SplitBlock.BYTES]);
    }
    return half;
  }
}
