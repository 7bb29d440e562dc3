package io.datashard.internal.manifest;

import io.datashard.table.ColumnMetrics;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
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
  /** Which metric a map holds. Spec: Iceberg table spec, "Data File Fields". */
  enum Metric {
    SIZE(108),
    VALUES(109),
    NULLS(110),
    NANS(137),
    LOWER(125),
    UPPER(128);

    private static final Metric[] ALL = values();

    final int fieldId;

    Metric(int fieldId) {
      this.fieldId = fieldId;
    }
  }

  private static final int COUNTS = 4;

  /** How the maps of this file are laid out; null where the file does not have one. */
  private final @Nullable RecordProgram[] layouts = new RecordProgram[Metric.ALL.length];

  /** Whether an item is just a key and a value, as nearly all writers lay it out. */
  private final boolean[] plain = new boolean[Metric.ALL.length];

  private final EntryFields wanted;
  private int size;
  private int[] ids = new int[16];
  private long[][] counts = new long[COUNTS][16];
  private @Nullable ByteBuffer[][] bounds = new ByteBuffer[2][16];

  MetricsDecoder(RecordProgram file, EntryFields wanted) {
    this.wanted = wanted;
    for (Metric metric : Metric.ALL) {
      RecordProgram.Step step = file.step(metric.fieldId);
      if (step != null) {
        RecordProgram layout = layout(metric, step.type());
        layouts[metric.ordinal()] = layout;
        plain[metric.ordinal()] = isPlain(metric, layout.steps());
      }
    }
  }

  /** Int keys make an Avro map an array of records of key and value. Spec: Appendix A. */
  private static RecordProgram layout(Metric metric, AvroType map) {
    if (map.kind() != AvroType.Kind.ARRAY) {
      throw new IllegalArgumentException(
          "field " + metric.fieldId + " (" + metric + ") is " + map.kind() + ", not a list");
    }
    RecordProgram item = RecordProgram.of(map.items(), id -> true);
    boolean bound = metric.ordinal() >= COUNTS;
    item.required(keyId(metric), metric + " key", AvroType.Kind.INT);
    if (bound) {
      item.required(valueId(metric), metric + " value", AvroType.Kind.BYTES);
    } else {
      item.required(valueId(metric), metric + " value", AvroType.Kind.LONG, AvroType.Kind.INT);
    }
    return item;
  }

  private static boolean isPlain(Metric metric, List<RecordProgram.Step> steps) {
    return steps.size() == 2
        && steps.get(0).id() == keyId(metric)
        && steps.get(0).union() == null
        && steps.get(1).id() == valueId(metric)
        && steps.get(1).union() == null;
  }

  private static int keyId(Metric metric) {
    return switch (metric) {
      case SIZE -> 117;
      case VALUES -> 119;
      case NULLS -> 121;
      case NANS -> 138;
      case LOWER -> 126;
      case UPPER -> 129;
    };
  }

  private static int valueId(Metric metric) {
    return keyId(metric) + 1;
  }

  /** The metric that this field of a data file holds, or null. */
  static @Nullable Metric metricOf(int fieldId) {
    for (Metric metric : Metric.ALL) {
      if (metric.fieldId == fieldId) {
        return metric;
      }
    }
    return null;
  }

  /** Forgets the last file. */
  void start() {
    size = 0;
  }

  /** Reads one map of the file. */
  void read(Metric metric, AvroType type, AvroInput in) {
    RecordProgram layout = layouts[metric.ordinal()];
    if (layout == null || (wanted.metricsOf() != null && wanted.metricsOf().isEmpty())) {
      type.skip(in);
      return;
    }
    int hint = 0;
    for (long n = in.readBlockCount(2); n != 0; n = in.readBlockCount(2)) {
      for (long i = 0; i < n; i++) {
        hint =
            plain[metric.ordinal()]
                ? readPlainItem(metric, in, hint)
                : readItem(metric, layout, in, hint);
      }
    }
  }

  private int readPlainItem(Metric metric, AvroInput in, int hint) {
    int column = in.readInt();
    if (metric.ordinal() < COUNTS) {
      return setCount(metric, column, in.readLong(), in, hint);
    }
    int length = in.readLength();
    return setBound(metric, column, in, in.take(length), length, hint);
  }

  private int readItem(Metric metric, RecordProgram layout, AvroInput in, int hint) {
    int column = -1;
    long count = -1;
    int boundStart = -1;
    int boundLength = 0;
    for (RecordProgram.Step step : layout.steps()) {
      if (step.id() == RecordProgram.SKIP) {
        step.type().skip(in);
      } else if (!step.hasValue(in)) {
        continue; // a null says nothing
      } else if (step.id() == keyId(metric)) {
        column = in.readInt();
      } else if (step.id() != valueId(metric)) {
        step.type().skip(in);
      } else if (metric.ordinal() < COUNTS) {
        count = in.readLong();
      } else {
        boundLength = in.readLength();
        boundStart = in.take(boundLength);
      }
    }
    if (metric.ordinal() < COUNTS) {
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
