package io.datashard.internal.parquet;

import io.datashard.schema.Type;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.BoundaryOrder;
import org.apache.parquet.format.ColumnIndex;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageLocation;
import org.jspecify.annotations.Nullable;

/** Where the pages of a chunk lie and what they hold. Spec: Parquet format, "PageIndex". */
final class PageIndexBuilder {
  /** Strings and binary are cut to so many bytes. */
  private static final int BYTES_MAX = 64;

  private static final byte[] NOTHING = {};

  private final Type type;
  private final List<PageLocation> locations = new ArrayList<>(1);
  private final List<Boolean> nullPages = new ArrayList<>(1);
  private final List<ByteBuffer> mins = new ArrayList<>(1);
  private final List<ByteBuffer> maxs = new ArrayList<>(1);
  // The same bounds as they sort; of strings and binary what was cut.
  private final List<byte[]> sortedMins = new ArrayList<>(1);
  private final List<byte[]> sortedMaxs = new ArrayList<>(1);
  private final List<Long> nullCounts = new ArrayList<>(1);
  private long rows;
  private boolean boundless;

  PageIndexBuilder(Type type) {
    this.type = type;
  }

  /** How many pages there are. */
  int pages() {
    return locations.size();
  }

  /** The pages' places in the file. */
  OffsetIndex offsetIndex() {
    return new OffsetIndex(locations);
  }

  /** Adds a page at this place of the file, its header included. */
  void add(long offset, int length, Page page) {
    locations.add(new PageLocation(offset, length, rows));
    rows += page.rows;
    nullCounts.add((long) page.nulls);
    boolean onlyNulls = page.nulls == page.rows;
    nullPages.add(onlyNulls);
    byte[] min = Bounds.parquetLower(type, page.range, BYTES_MAX).bytes;
    byte[] max = Bounds.parquetUpper(type, page.range, BYTES_MAX).bytes;
    // A page of NaN has no bounds, and a page with NaN none that hold in every engine.
    boundless |= !onlyNulls && (min == null || max == null || page.range.nans() > 0);
    mins.add(ByteBuffer.wrap(orNothing(min)));
    maxs.add(ByteBuffer.wrap(orNothing(max)));
    boolean sortsAsWritten = type == Type.STRING || type == Type.BINARY;
    sortedMins.add(orNothing(sortsAsWritten ? min : page.range.min()));
    sortedMaxs.add(orNothing(sortsAsWritten ? max : page.range.max()));
  }

  private static byte[] orNothing(byte @Nullable [] bytes) {
    return bytes == null ? NOTHING : bytes;
  }

  /** The bounds of each page; null if one of them has none that can be said. */
  @Nullable ColumnIndex columnIndex() {
    if (boundless) {
      return null;
    }
    ColumnIndex index = new ColumnIndex(nullPages, mins, maxs, order());
    index.setNull_counts(nullCounts);
    return index;
  }

  private BoundaryOrder order() {
    boolean rising = true;
    boolean falling = true;
    int last = -1;
    for (int page = 0; page < pages(); page++) {
      if (nullPages.get(page)) {
        continue;
      }
      if (last >= 0) {
        int min = Arrays.compareUnsigned(sortedMins.get(last), sortedMins.get(page));
        int max = Arrays.compareUnsigned(sortedMaxs.get(last), sortedMaxs.get(page));
        rising &= min <= 0 && max <= 0;
        falling &= min >= 0 && max >= 0;
      }
      last = page;
    }
    if (rising) {
      return BoundaryOrder.ASCENDING;
    }
    return falling ? BoundaryOrder.DESCENDING : BoundaryOrder.UNORDERED;
  }
}
