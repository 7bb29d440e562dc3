package io.datashard.benchmarks.growth;

import java.util.Arrays;

/**
 * What a commit takes in a table, and beside it in a young one, in milliseconds.
 *
 * @param median of the commits
 * @param most nine of ten were not slower
 * @param besideMedian the same of the young table
 * @param besideMost the same of the young table
 */
record Times(double median, double most, double besideMedian, double besideMost) {
  static Times of(long[] nanos, long[] besideNanos) {
    Arrays.sort(nanos);
    Arrays.sort(besideNanos);
    return new Times(
        millis(nanos, 0.5), millis(nanos, 0.9), millis(besideNanos, 0.5), millis(besideNanos, 0.9));
  }

  double ratio() {
    return median / besideMedian;
  }

  private static double millis(long[] sorted, double part) {
    return sorted[(int) (sorted.length * part)] / 1e6;
  }
}
