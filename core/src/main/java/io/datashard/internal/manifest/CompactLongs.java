package io.datashard.internal.manifest;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Numbers by place, in as few bytes as they fit: one for all, 32 bits each or 64 bits each. */
final class CompactLongs {
  private static final int OBJECT_BYTES = 56;

  private final long same;
  private final int @Nullable [] narrow;
  private final long @Nullable [] wide;

  private CompactLongs(long same, int @Nullable [] narrow, long @Nullable [] wide) {
    this.same = same;
    this.narrow = narrow;
    this.wide = wide;
  }

  /** The first {@code size} of these numbers; the array may be changed afterwards. */
  static CompactLongs of(long[] values, int size) {
    long first = size == 0 ? 0 : values[0];
    boolean allSame = true;
    boolean allNarrow = true;
    for (int i = 0; i < size; i++) {
      allSame &= values[i] == first;
      allNarrow &= values[i] == (int) values[i];
    }
    if (allSame) {
      return new CompactLongs(first, null, null);
    }
    if (!allNarrow) {
      return new CompactLongs(0, null, Arrays.copyOf(values, size));
    }
    int[] narrow = new int[size];
    for (int i = 0; i < size; i++) {
      narrow[i] = (int) values[i];
    }
    return new CompactLongs(0, narrow, null);
  }

  long get(int place) {
    return narrow != null ? narrow[place] : wide != null ? wide[place] : same;
  }

  /** What it takes in memory. */
  long bytes() {
    return OBJECT_BYTES
        + (narrow == null ? 0 : 4L * narrow.length)
        + (wide == null ? 0 : 8L * wide.length);
  }
}
