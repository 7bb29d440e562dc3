package io.datashard.cli.rows;

import io.datashard.cli.Output;
import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.Column;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Schema;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import java.util.Objects;

/** Prints rows in one form, batch by batch, in bounded memory. */
public abstract class RowPrinter {
  /** The forms there are. */
  public enum Format {
    /** One JSON object a line. */
    JSONL,
    /** Comma-separated values with a header. */
    CSV,
    /** Aligned columns for people. */
    TABLE
  }

  RowPrinter() {}

  /** A printer of this form. */
  public static RowPrinter of(Format format, Schema schema, Output out) {
    return switch (format) {
      case JSONL -> new JsonPrinter(schema, out);
      case CSV -> new CsvPrinter(schema, out);
      case TABLE -> new TablePrinter(schema, out);
    };
  }

  /** Prints the rows of a batch. */
  public abstract void print(Batch batch);

  /** Prints what is left. */
  public abstract void end();

  /** The row's value as {@link TextValues} writes it; the row is not null. */
  static String text(Column column, int row) {
    Type type = column.type();
    if (column instanceof LongColumn longs && type == Type.LONG) {
      return Long.toString(longs.get(row));
    }
    if (column instanceof IntColumn ints && type == Type.INT) {
      return Integer.toString(ints.get(row));
    }
    if (column instanceof BooleanColumn booleans) {
      return Boolean.toString(booleans.get(row));
    }
    Object value = Objects.requireNonNull(column.value(row));
    return type == Type.STRING ? (String) value : TextValues.format(type, value);
  }
}
