package io.datashard.dataframe;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.ColumnBuilder;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.dflib.DataFrame;
import org.dflib.DoubleSeries;
import org.dflib.IntSeries;
import org.dflib.LongSeries;
import org.dflib.Series;
import org.jspecify.annotations.Nullable;

/** A data frame cut into batches of a table's columns. */
final class FrameRows {
  private final DataFrame frame;
  private final Schema columns;

  /**
   * @throws SchemaMismatchException the frame has a column that the table lacks, or lacks one that
   *     the table requires
   */
  FrameRows(Schema table, DataFrame frame) {
    this.frame = frame;
    List<String> names = List.of(frame.getColumnsIndex().toArray());
    for (String name : names) {
      if (!table.has(name)) {
        throw new SchemaMismatchException(
            "The data frame's column '"
                + name
                + "' is not in the table. Its columns: "
                + String.join(", ", table.names())
                + ".");
      }
    }
    for (Field field : table.fields()) {
      if (field.required() && !names.contains(field.name())) {
        throw new SchemaMismatchException(
            "The data frame lacks the required column '" + field.name() + "'.");
      }
    }
    this.columns = table.select(names);
  }

  Iterator<Batch> batches(int rowsMax) {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < frame.height();
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        int from = next;
        next = Math.min(frame.height(), from + rowsMax);
        return batch(from, next);
      }
    };
  }

  private Batch batch(int from, int to) {
    BatchBuilder batch = new BatchBuilder(columns);
    for (int i = 0; i < columns.size(); i++) {
      fill(batch.column(i), frame.getColumn(columns.field(i).name()), from, to);
    }
    return batch.build(to - from);
  }

  private static void fill(ColumnBuilder into, Series<?> series, int from, int to) {
    Type type = into.field().type();
    if (series instanceof LongSeries longs && type == Type.LONG) {
      for (int i = from; i < to; i++) {
        into.addLong(longs.getLong(i));
      }
    } else if (series instanceof IntSeries ints && type == Type.INT) {
      for (int i = from; i < to; i++) {
        into.addInt(ints.getInt(i));
      }
    } else if (series instanceof DoubleSeries doubles && type == Type.DOUBLE) {
      for (int i = from; i < to; i++) {
        into.addDouble(doubles.getDouble(i));
      }
    } else {
      for (int i = from; i < to; i++) {
        add(into, series.get(i), i);
      }
    }
  }

  private static void add(ColumnBuilder into, @Nullable Object value, int row) {
    try {
      into.add(value);
    } catch (IllegalArgumentException e) {
      throw new InvalidRowException(
          "Row "
              + (row + 1)
              + " of the data frame, column '"
              + into.field().name()
              + "' ("
              + into.field().type()
              + "): "
              + (value == null ? "null" : Values.describe(value))
              + " does not fit: "
              + e.getMessage()
              + ". Nothing was committed.",
          e);
    }
  }
}
