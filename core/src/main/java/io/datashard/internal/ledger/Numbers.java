package io.datashard.internal.ledger;

import java.util.Arrays;

/**
 * A set of numbers from 0 on, as ranges in ascending order with gaps between them. Written as
 * {@code 4-6,9}. Immutable.
 */
final class Numbers {
  static final Numbers NONE = new Numbers(new long[0]);

  /** First and last of each range. */
  private final long[] bounds;

  private Numbers(long[] bounds) {
    this.bounds = bounds;
  }

  static Numbers of(long number) {
    return new Numbers(new long[] {number, number});
  }

  int ranges() {
    return bounds.length / 2;
  }

  long first(int range) {
    return bounds[2 * range];
  }

  long last(int range) {
    return bounds[2 * range + 1];
  }

  /** The first range that ends at this number or later. */
  private int search(long number) {
    int low = 0;
    int high = ranges();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (last(middle) < number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  boolean has(long number) {
    int range = search(number);
    return range < ranges() && first(range) <= number;
  }

  /** These and those from {@code first} to {@code last}. */
  Numbers with(long first, long last) {
    // Neighbours become one, so the search begins one number early. A first number is never below
    // 0, so that does not overflow.
    int from = search(first - 1);
    int to = from;
    while (to < ranges() && first(to) - 1 <= last) {
      to++;
    }
    long[] merged = new long[bounds.length - 2 * (to - from) + 2];
    System.arraycopy(bounds, 0, merged, 0, 2 * from);
    merged[2 * from] = from < to ? Math.min(first, first(from)) : first;
    merged[2 * from + 1] = from < to ? Math.max(last, last(to - 1)) : last;
    System.arraycopy(bounds, 2 * to, merged, 2 * from + 2, bounds.length - 2 * to);
    return new Numbers(merged);
  }

  Numbers with(Numbers others) {
    Numbers all = this;
    for (int i = 0; i < others.ranges(); i++) {
      all = all.with(others.first(i), others.last(i));
    }
    return all;
  }

  /** All but the lowest ranges. */
  Numbers withoutLowest(int ranges) {
    return new Numbers(Arrays.copyOfRange(bounds, 2 * ranges, bounds.length));
  }

  void write(StringBuilder out) {
    for (int i = 0; i < ranges(); i++) {
      out.append(i == 0 ? "" : ",").append(first(i));
      if (last(i) > first(i)) {
        out.append('-').append(last(i));
      }
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException it is none, or not in order
   */
  static Numbers read(String text) {
    String[] parts = text.split(",", -1);
    long[] bounds = new long[2 * parts.length];
    for (int i = 0; i < parts.length; i++) {
      int dash = parts[i].indexOf('-');
      long first = SourceWords.count(dash < 0 ? parts[i] : parts[i].substring(0, dash));
      long last = dash < 0 ? first : SourceWords.count(parts[i].substring(dash + 1));
      // With a gap before it, else it is not what was written.
      if (last < first || i > 0 && first - 1 <= bounds[2 * i - 1]) {
        throw new IllegalArgumentException("'" + text + "' are no numbers in order");
      }
      bounds[2 * i] = first;
      bounds[2 * i + 1] = last;
    }
    return new Numbers(bounds);
  }

  @Override
  public boolean equals(@org.jspecify.annotations.Nullable Object other) {
    return other instanceof Numbers that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    write(text);
    return text.toString();
  }
}
