package io.datashard.internal.parquet;

import java.util.Map;

/**
 * Which columns get Bloom filters.
 *
 * @param falsePositives by column name, how many of the values that are not there may seem to be,
 *     above 0 and below 1; names of other columns mean nothing
 * @param bytesMax how many bytes a filter may have, at least 32; rounded down to a power of two
 */
public record BloomOptions(Map<String, Double> falsePositives, int bytesMax) {
  /** No column gets one. */
  public static final BloomOptions NONE = new BloomOptions(Map.of(), 1 << 20);

  public BloomOptions {
    falsePositives = Map.copyOf(falsePositives);
    falsePositives.forEach(
        (name, rate) -> {
          if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException(
                "The Bloom filter of column '"
                    + name
                    + "' should give a false positive at a rate of "
                    + rate
                    + ", which must be above 0 and below 1.");
          }
        });
    if (bytesMax < SplitBlock.BYTES) {
      throw new IllegalArgumentException(
          "A Bloom filter has at least " + SplitBlock.BYTES + " bytes, bytesMax is " + bytesMax);
    }
  }
}
