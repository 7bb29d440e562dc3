package io.datashard.dataframe;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.List;
import org.dflib.DataFrame;
import org.dflib.Index;
import org.dflib.Series;
import org.jspecify.annotations.Nullable;

/** Batches put together to one data frame. */
final class FrameBuilder {
  private final Schema schema;
  private final List<Batch> batches = new ArrayList<>();
  private int rows;

  FrameBuilder(Schema schema) {
    this.schema = schema;
  }

  void add(Batch batch) {
    batches.add(batch);
    rows = Math.addExact(rows, batch.rows());
  }

  DataFrame build() {
    List<Series<?>> series = new ArrayList<>();
    for (int i = 0; i < schema.size(); i++) {
      series.add(series(i));
    }
    return DataFrame.byColumn(Index.of(schema.names().toArray(String[]::new))).ofIterable(series);
  }

  private Series<?> series(int place) {
    Field field = schema.field(place);
    List<Column> columns = batches.stream().map(b -> b.column(place)).toList();
    if (columns.stream().anyMatch(c -> c.nullCount() > 0)) {
      return objects(columns);
    }
    // Dates are ints inside, times and decimals longs: only what is a number to the user stays one.
    Type type = field.type();
    if (type == Type.INT) {
      int[] all = new int[rows];
      copy(columns, (c, at) -> System.arraycopy(((IntColumn) c).values(), 0, all, at, c.size()));
      return Series.ofInt(all);
    }
    if (type == Type.LONG) {
      long[] all = new long[rows];
      copy(columns, (c, at) -> System.arraycopy(((LongColumn) c).values(), 0, all, at, c.size()));
      return Series.ofLong(all);
    }
    if (type == Type.FLOAT) {
      float[] all = new float[rows];
      copy(columns, (c, at) -> System.arraycopy(((FloatColumn) c).values(), 0, all, at, c.size()));
      return Series.ofFloat(all);
    }
    if (type == Type.DOUBLE) {
      double[] all = new double[rows];
      copy(columns, (c, at) -> System.arraycopy(((DoubleColumn) c).values(), 0, all, at, c.size()));
      return Series.ofDouble(all);
    }
    if (type == Type.BOOLEAN) {
      boolean[] all = new boolean[rows];
      copy(
          columns, (c, at) -> System.arraycopy(((BooleanColumn) c).values(), 0, all, at, c.size()));
      return Series.ofBool(all);
    }
    return objects(columns);
  }

  private interface Copy {
    void to(Column column, int at);
  }

  private static void copy(List<Column> columns, Copy copy) {
    int at = 0;
    for (Column column : columns) {
      copy.to(column, at);
      at += column.size();
    }
  }

  private Series<?> objects(List<Column> columns) {
    @Nullable Object[] all = new @Nullable Object[rows];
    int at = 0;
    for (Column column : columns) {
      for (int i = 0; i < column.size(); i++) {
        all[at++] = column.value(i);
      }
    }
    return Series.of(all);
  }
}
