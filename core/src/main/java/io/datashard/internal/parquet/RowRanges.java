package io.datashard.internal.parquet;

import java.util.ArrayList;
import java.util.List;

/** Rows of a row group that are worth looking at: ascending ranges with gaps between. */
final class RowRanges {
  /** Rows from {@code from} up to and without {@code to}. */
  record Range(long from, long to) {}

  private final List<Range> ranges = new ArrayList<>();

  /** All of so many rows. */
  static RowRanges all(long rows) {
    RowRanges all = new RowRanges();
    all.add(0, rows);
    return all;
  }

  /** Adds rows behind the last; a range that continues it is joined. */
  void add(long from, long to) {
    if (from >= to) {
      return;
    }
    int last = ranges.size() - 1;
    if (last >= 0 && ranges.get(last).to() == from) {
      ranges.set(last, new Range(ranges.get(last).from(), to));
    } else {
      ranges.add(new Range(from, to));
    }
  }

  List<Range> list() {
    return ranges;
  }

  boolean isAll(long rows) {
    return ranges.size() == 1 && ranges.get(0).from() == 0 && ranges.get(0).to() == rows;
  }

  /** Whether any row of {@code [from, to)} is in. */
  boolean intersects(long from, long to) {
    int low = 0;
    int high = ranges.size();
    while (low < high) { // the first range that ends behind from
      int middle = (low + high) >>> 1;
      if (ranges.get(middle).to() > from) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low < ranges.size() && ranges.get(low).from() < to && from < to;
  }
}
