package io.datashard.internal.manifest;

import io.datashard.internal.manifest.MetricsLayout.Metric;
import io.datashard.schema.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects the metrics of some columns, entry by entry. Used by one thread. */
final class MetricsBuilder {
  private static final Metric[] COUNTS = {Metric.VALUES, Metric.NULLS, Metric.NANS};

  private final MetricsLayout layout;
  private final Column[] columns;
  private byte[] data = {};
  private int size;

  /** One column. */
  private static final class Column {
    private final Field field;
    private final long[][] counts = new long[COUNTS.length][16];
    private final ByteRuns.Builder lower = new ByteRuns.Builder();
    private final ByteRuns.Builder upper = new ByteRuns.Builder();

    // Of the entry that is being read.
    private final long[] count = new long[COUNTS.length];
    private int lowerStart;
    private int lowerLength;
    private int upperStart;
    private int upperLength;

    Column(Field field) {
      this.field = field;
    }

    void start() {
      Arrays.fill(count, -1);
      lowerStart = -1;
      upperStart = -1;
    }

    void add(int size, byte[] data) {
      for (int i = 0; i < counts.length; i++) {
        if (size == counts[i].length) {
          counts[i] = Arrays.copyOf(counts[i], 2 * size);
        }
        counts[i][size] = count[i];
      }
      add(lower, data, lowerStart, lowerLength);
      add(upper, data, upperStart, upperLength);
    }

    private static void add(ByteRuns.Builder to, byte[] data, int start, int length) {
      if (start < 0) {
        to.addAbsent();
      } else {
        to.add(data, start, length);
      }
    }

    MetricColumn build(int size, CompactLongs rows) {
      CompactLongs values = CompactLongs.of(counts[0], size);
      CompactLongs nulls = CompactLongs.of(counts[1], size);
      CompactLongs nans = CompactLongs.of(counts[2], size);
      ByteRuns lows = lower.build(0);
      ByteRuns highs = upper.build(0);
      BoundLane lane =
          BoundLane.of(field.type(), size, rows, values, nulls, nans, lows, highs);
      return new MetricColumn(field.id(), values, nulls, nans, lows, highs, lane);
    }
  }

  MetricsBuilder(MetricsLayout layout, List<Field> fields) {
    this.layout = layout;
    this.columns = fields.stream().map(Column::new).toArray(Column[]::new);
  }

  /** Begins an entry. */
  void start(AvroInput in) {
    data = in.data();
    for (Column column : columns) {
      column.start();
    }
  }

  /** Keeps what was read since {@link #start}. */
  void add() {
    for (Column column : columns) {
      column.add(size, data);
    }
    size++;
  }

  /** Reads one map of the entry. */
  void read(Metric metric, AvroType type, AvroInput in) {
    RecordProgram item = layout.item(metric);
    if (item == null) {
      type.skip(in);
      return;
    }
    boolean plain = layout.isPlain(metric);
    for (long n = in.readBlockCount(2); n != 0; n = in.readBlockCount(2)) {
      for (long i = 0; i < n; i++) {
        if (!plain) {
          readItem(metric, item, in);
        } else if (metric.isBound()) {
          int column = in.readInt();
          int length = in.readLength();
          setBound(metric, column, in, in.take(length), length);
        } else {
          setCount(metric, in.readInt(), in.readLong(), in);
        }
      }
    }
  }

  private void readItem(Metric metric, RecordProgram item, AvroInput in) {
    int column = -1;
    long count = -1;
    int boundStart = -1;
    int boundLength = 0;
    for (RecordProgram.Step step : item.steps()) {
      if (step.id() == RecordProgram.SKIP) {
        step.type().skip(in);
      } else if (!step.hasValue(in)) {
        continue; // a null says nothing
      } else if (step.id() == metric.keyId) {
        column = in.readInt();
      } else if (step.id() != metric.valueId()) {
        step.type().skip(in);
      } else if (metric.isBound()) {
        boundLength = in.readLength();
        boundStart = in.take(boundLength);
      } else {
        count = in.readLong();
      }
    }
    if (!metric.isBound()) {
      setCount(metric, column, count, in);
    } else if (boundStart >= 0) {
      setBound(metric, column, in, boundStart, boundLength);
    }
  }

  private @Nullable Column column(int fieldId) {
    for (Column column : columns) {
      if (column.field.id() == fieldId) {
        return column;
      }
    }
    return null;
  }

  private void setCount(Metric metric, int fieldId, long count, AvroInput in) {
    Column column = metric == Metric.SIZE ? null : column(fieldId);
    if (column == null) {
      return;
    }
    int place = metric.ordinal() - Metric.VALUES.ordinal();
    if (column.count[place] >= 0) {
      throw twice(metric, fieldId, in);
    }
    column.count[place] = Math.max(count, -1); // a negative count says nothing
  }

  private void setBound(Metric metric, int fieldId, AvroInput in, int start, int length) {
    Column column = column(fieldId);
    if (column == null) {
      return;
    }
    boolean isLower = metric == Metric.LOWER;
    if ((isLower ? column.lowerStart : column.upperStart) >= 0) {
      throw twice(metric, fieldId, in);
    }
    if (isLower) {
      column.lowerStart = start;
      column.lowerLength = length;
    } else {
      column.upperStart = start;
      column.upperLength = length;
    }
  }

  private static RuntimeException twice(Metric metric, int fieldId, AvroInput in) {
    return in.corrupt(metric + " of column " + fieldId + " is there twice");
  }

  List<MetricColumn> build(int entries, CompactLongs rows) {
    List<MetricColumn> all = new ArrayList<>();
    for (Column column : columns) {
      all.add(column.build(entries, rows));
    }
    return all;
  }
}
