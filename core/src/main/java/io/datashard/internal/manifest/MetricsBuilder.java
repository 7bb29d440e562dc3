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

  /** A key and a count, or a key and a length. */
  private static final int ITEM_BYTES_MAX = 20;

  private final MetricsLayout layout;
  private final Column[] columns;

  /** Columns by field id, for ids of one byte: most tables have no others. */
  private final @Nullable Column[] lowIds = new Column[64];

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
      for (int i = 0; i < count.length; i++) {
        count[i] = -1;
      }
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
      BoundLane lane = BoundLane.of(field.type(), size, rows, values, nulls, nans, lows, highs);
      return new MetricColumn(field.id(), values, nulls, nans, lows, highs, lane);
    }
  }

  MetricsBuilder(MetricsLayout layout, List<Field> fields) {
    this.layout = layout;
    this.columns = new Column[fields.size()];
    for (int i = columns.length - 1; i >= 0; i--) {
      columns[i] = new Column(fields.get(i));
      int id = fields.get(i).id();
      if (id >= 0 && id < lowIds.length) {
        lowIds[id] = columns[i];
      }
    }
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
    for (long n = in.readBlockCount(2); n != 0; n = in.readBlockCount(2)) {
      if (!layout.isPlain(metric)) {
        for (long i = 0; i < n; i++) {
          readItem(metric, item, in);
        }
      } else if (metric.isBound()) {
        readBounds(metric, n, in);
      } else if (metric == Metric.SIZE || columns.length == 0) {
        in.skipLongs(2 * n);
      } else {
        readCounts(metric, n, in);
      }
    }
  }

  /**
   * Where an item certainly lies before the end of the block and its key has one byte, it is read
   * from the array; else step by step. So in {@link #readCounts} too.
   */
  private void readBounds(Metric metric, long count, AvroInput in) {
    byte[] bytes = in.data();
    int at = in.position();
    int fastEnd = in.limit() - ITEM_BYTES_MAX;
    for (long i = 0; i < count; i++) {
      int id;
      int length;
      if (at <= fastEnd && (bytes[at] | bytes[at + 1]) >= 0 && (bytes[at + 1] & 1) == 0) {
        id = bytes[at] >>> 1 ^ -(bytes[at] & 1);
        length = bytes[at + 1] >>> 1;
        in.position(at + 2);
      } else {
        in.position(at);
        id = in.readInt();
        length = in.readLength();
      }
      int start = in.take(length);
      at = start + length;
      Column column = column(id);
      if (column != null) {
        setBound(metric, column, in, start, length);
      }
    }
  }

  private void readCounts(Metric metric, long count, AvroInput in) {
    byte[] bytes = in.data();
    int at = in.position();
    int fastEnd = in.limit() - ITEM_BYTES_MAX;
    for (long i = 0; i < count; i++) {
      int id;
      if (at <= fastEnd && bytes[at] >= 0) {
        id = bytes[at] >>> 1 ^ -(bytes[at] & 1);
        at++;
        if (bytes[at] >= 0 && column(id) == null) {
          at++;
          continue;
        }
        in.position(at);
      } else {
        in.position(at);
        id = in.readInt();
      }
      Column column = column(id);
      if (column == null) {
        in.skipLongs(1);
      } else {
        setCount(metric, column, in.readLong(), in);
      }
      at = in.position();
    }
    in.position(at);
  }

  private void readItem(Metric metric, RecordProgram item, AvroInput in) {
    int id = -1;
    long count = -1;
    int boundStart = -1;
    int boundLength = 0;
    for (RecordProgram.Step step : item.steps()) {
      if (!step.hasValue(in)) {
        continue; // a null says nothing
      } else if (step.id() == metric.keyId) {
        id = in.readInt();
      } else if (step.id() != metric.valueId()) {
        step.type().skip(in);
      } else if (metric.isBound()) {
        boundLength = in.readLength();
        boundStart = in.take(boundLength);
      } else {
        count = in.readLong();
      }
    }
    Column column = metric == Metric.SIZE ? null : column(id);
    if (column == null) {
      return;
    }
    if (!metric.isBound()) {
      setCount(metric, column, count, in);
    } else if (boundStart >= 0) {
      setBound(metric, column, in, boundStart, boundLength);
    }
  }

  private @Nullable Column column(int fieldId) {
    if (fieldId >= 0 && fieldId < lowIds.length) {
      return lowIds[fieldId];
    }
    for (Column column : columns) {
      if (column.field.id() == fieldId) {
        return column;
      }
    }
    return null;
  }

  private static void setCount(Metric metric, Column column, long count, AvroInput in) {
    int place = metric.ordinal() - Metric.VALUES.ordinal();
    if (column.count[place] >= 0) {
      throw twice(metric, column, in);
    }
    column.count[place] = Math.max(count, -1); // a negative count says nothing
  }

  private static void setBound(Metric metric, Column column, AvroInput in, int start, int length) {
    boolean isLower = metric == Metric.LOWER;
    if ((isLower ? column.lowerStart : column.upperStart) >= 0) {
      throw twice(metric, column, in);
    }
    if (isLower) {
      column.lowerStart = start;
      column.lowerLength = length;
    } else {
      column.upperStart = start;
      column.upperLength = length;
    }
  }

  private static RuntimeException twice(Metric metric, Column column, AvroInput in) {
    return in.corrupt(metric + " of column " + column.field.id() + " is there twice");
  }

  List<MetricColumn> build(int entries, CompactLongs rows) {
    List<MetricColumn> all = new ArrayList<>();
    for (Column column : columns) {
      all.add(column.build(entries, rows));
    }
    return all;
  }
}
