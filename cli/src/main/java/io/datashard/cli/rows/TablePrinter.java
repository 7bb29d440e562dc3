package io.datashard.cli.rows;

import io.datashard.cli.Output;
import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows as aligned columns for people; how wide they are is decided by the first rows. */
final class TablePrinter extends RowPrinter {
  private static final int ROWS_LOOKED_AT = 200;

  private final TextTable table;
  private final List<List<String>> first = new ArrayList<>();
  private boolean started;

  TablePrinter(Schema schema, Output out) {
    boolean[] right = new boolean[schema.size()];
    for (int i = 0; i < right.length; i++) {
      right[i] = isNumber(schema.field(i));
    }
    table = new TextTable(schema.names(), right, out);
  }

  private static boolean isNumber(Field field) {
    return switch (field.type().kind()) {
      case INT, LONG, FLOAT, DOUBLE, DECIMAL -> true;
      default -> false;
    };
  }

  @Override
  public void print(Batch batch) {
    for (int row = 0; row < batch.rows(); row++) {
      String[] cells = new String[batch.columns().size()];
      for (int i = 0; i < cells.length; i++) {
        Column column = batch.column(i);
        cells[i] = column.isNull(row) ? "null" : text(column, row);
      }
      if (started) {
        table.row(Arrays.asList(cells));
      } else {
        first.add(Arrays.asList(cells));
        if (first.size() == ROWS_LOOKED_AT) {
          start();
        }
      }
    }
  }

  private void start() {
    started = true;
    table.fit(first);
    table.head();
    first.forEach(table::row);
    first.clear();
  }

  @Override
  public void end() {
    if (!started) {
      start();
    }
  }
}
