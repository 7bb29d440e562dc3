package io.datashard.internal.manifest;

import io.datashard.internal.manifest.MetricsLayout.Metric;
import io.datashard.table.ColumnMetrics;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The column metrics of one file: six maps from field id in the manifest, one map here. Reused from
 * entry to entry; used by one thread.
 *
 * <p>All maps of a file usually name the same columns in the same order, so the place of the k-th
 * key is looked for at k first.
 */
final class MetricsDecoder {
  private static final int COUNTS = 4;

  private final MetricsLayout layout;
  private final EntryFields wanted;
  private int size;
  private int[] ids = new int[16];
  private long[][] counts = new long[COUNTS][16];
  private @Nullable ByteBuffer[][] bounds = new ByteBuffer[2][16];

  MetricsDecoder(MetricsLayout layout, EntryFields wanted) {
    this.layout = layout;
    this.wanted = wanted;
  }

  /** Forgets the last file. */
  void start() {
    size = 0;
  }

  /** Reads one map of the file. */
  void read(Metric metric, AvroType type, AvroInput in) {
    RecordProgram item = layout.item(metric);
    if (item == null || (wanted.metricsOf() != null && wanted.metricsOf().isEmpty())) {
      type.skip(in);
      return;
    }
    int hint = 0;
    for (long n = in.readBlockCount(2); n != 0; n = in.readBlockCount(2)) {
      for (long i = 0; i < n; i++) {
        hint =
            layout.isPlain(metric)
                ? readPlainItem(metric, in, hint)
                : readItem(metric, item, in, hint);
      }
    }
  }

  private int readPlainItem(Metric metric, AvroInput in, int hint) {
    int column = in.readInt();
    if (!metric.isBound()) {
      return setCount(metric, column, in.readLong(), in, hint);
    }
    int length = in.readLength();
    return setBound(metric, column, in, in.take(length), length, hint);
  }

  private int readItem(Metric metric, RecordProgram item, AvroInput in, int hint) {
    int column = -1;
    long count = -1;
    int boundStart = -1;
    int boundLength = 0;
    for (RecordProgram.Step step : item.steps()) {
      if (!step.hasValue(in)) {
        continue; // a null says nothing
      } else if (step.id() == metric.keyId) {
        column = in.readInt();
      } else if (step.id() != metric.valueId()) {
        step.type().skip(in);
      } else if (!metric.isBound()) {
        count = in.readLong();
      } else {
        boundLength = in.readLength();
        boundStart = in.take(boundLength);
      }
    }
    if (!metric.isBound()) {
      return setCount(metric, column, count, in, hint);
    }
    return boundStart < 0 ? hint : setBound(metric, column, in, boundStart, boundLength, hint);
  }

  private boolean isWanted(int column) {
    return wanted.metricsOf() == null || wanted.metricsOf().contains(column);
  }

  private int setCount(Metric metric, int column, long count, AvroInput in, int hint) {
    if (!isWanted(column)) {
      return hint;
    }
    int place = place(column, hint);
    long[] all = counts[metric.ordinal()];
    if (all[place] >= 0) {
      throw in.corrupt(metric + " of column " + ids[place] + " is there twice");
    }
    all[place] = Math.max(count, -1); // a negative count says nothing
    return place + 1;
  }

  private int setBound(Metric metric, int column, AvroInput in, int start, int length, int hint) {
    if (!isWanted(column)) {
      return hint;
    }
    int place = place(column, hint);
    @Nullable ByteBuffer[] all = bounds[metric.ordinal() - COUNTS];
    if (all[place] != null) {
      throw in.corrupt(metric + " of column " + ids[place] + " is there twice");
    }
    // A copy: a bound that is kept must not keep the whole manifest.
    all[place] = ByteBuffer.wrap(Arrays.copyOfRange(in.data(), start, start + length));
    return place + 1;
  }

  private int place(int column, int hint) {
    if (hint < size && ids[hint] == column) {
      return hint;
    }
    for (int i = 0; i < size; i++) {
      if (ids[i] == column) {
        return i;
      }
    }
    if (size == ids.length) {
      grow();
    }
    ids[size] = column;
    for (long[] all : counts) {
      all[size] = -1;
    }
    for (@Nullable ByteBuffer[] all : bounds) {
      all[size] = null;
    }
    return size++;
  }

  private void grow() {
    ids = Arrays.copyOf(ids, 2 * size);
    for (int i = 0; i < counts.length; i++) {
      counts[i] = Arrays.copyOf(counts[i], 2 * size);
    }
    for (int i = 0; i < bounds.length; i++) {
      bounds[i] = Arrays.copyOf(bounds[i], 2 * size);
    }
  }

  /** What was read since {@link #start}, by field id. */
  Map<Integer, ColumnMetrics> finish() {
    if (size == 0) {
      return Map.of();
    }
    @SuppressWarnings({"unchecked", "rawtypes"})
    Map.Entry<Integer, ColumnMetrics>[] entries = new Map.Entry[size];
    for (int i = 0; i < size; i++) {
      ColumnMetrics metrics =
          new ColumnMetrics(
              counts[0][i], counts[1][i], counts[2][i], counts[3][i], bounds[0][i], bounds[1][i]);
      entries[i] = Map.entry(ids[i], metrics);
    }
    return Map.ofEntries(entries);
  }
}
