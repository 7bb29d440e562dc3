package io.datashard.internal.care;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.schema.Values;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the values of one column of one file really are, held against what the manifest says. Other
 * engines believe the manifest: a wrong bound makes them return wrong rows in silence.
 */
final class ColumnCheck {
  private final Field field;
  private long values;
  private long nulls;
  private long nans;
  private @Nullable Object lowest;
  private @Nullable Object highest;

  ColumnCheck(Field field) {
    this.field = field;
  }

  /** Takes the next rows. */
  void see(Column column) {
    values += column.size();
    nulls += column.nullCount();
    if (column instanceof IntColumn ints) {
      seeInts(ints);
    } else if (column instanceof LongColumn longs) {
      seeLongs(longs);
    } else if (column instanceof BytesColumn bytes && bytes.isDictionary()) {
      seeDictionary(bytes);
    } else {
      for (int row = 0; row < column.size(); row++) {
        seeValue(column, row);
      }
    }
  }

  private void seeValue(Column column, int row) {
    if (column.isNull(row)) {
      return;
    }
    boolean nan =
        column instanceof DoubleColumn doubles
            ? Double.isNaN(doubles.get(row))
            : column instanceof FloatColumn floats && Float.isNaN(floats.get(row));
    if (nan) {
      nans++;
    } else {
      extend(column.value(row));
    }
  }

  private void extend(@Nullable Object value) {
    if (value == null) {
      return;
    }
    Type type = field.type();
    if (lowest == null || ValueOrder.compare(type, value, lowest) < 0) {
      lowest = value;
    }
    if (highest == null || ValueOrder.compare(type, value, highest) > 0) {
      highest = value;
    }
  }

  private void seeInts(IntColumn column) {
    int low = -1;
    int high = -1;
    for (int row = 0; row < column.size(); row++) {
      if (!column.isNull(row)) {
        low = low < 0 || column.get(row) < column.get(low) ? row : low;
        high = high < 0 || column.get(row) > column.get(high) ? row : high;
      }
    }
    if (low >= 0) {
      extend(column.value(low));
      extend(column.value(high));
    }
  }

  private void seeLongs(LongColumn column) {
    int low = -1;
    int high = -1;
    for (int row = 0; row < column.size(); row++) {
      if (!column.isNull(row)) {
        low = low < 0 || column.get(row) < column.get(low) ? row : low;
        high = high < 0 || column.get(row) > column.get(high) ? row : high;
      }
    }
    if (low >= 0) {
      extend(column.value(low));
      extend(column.value(high));
    }
  }

  /** Each entry of the dictionary once, and only those that a row has. */
  private void seeDictionary(BytesColumn column) {
    boolean[] seen = new boolean[column.entries()];
    for (int row = 0; row < column.size(); row++) {
      if (!column.isNull(row) && !seen[column.code(row)]) {
        seen[column.code(row)] = true;
        extend(column.value(row));
      }
    }
  }

  /** Hands over what the manifest says wrongly. */
  void compare(DataFile file, Consumer<String> damage) {
    ColumnMetrics said = file.column(field);
    count("values", said.valueCount(), values, damage);
    count("nulls", said.nullCount(), nulls, damage);
    count("NaN", said.nanCount(), nans, damage);
    try {
      bound("lower", file.lowerBound(field), lowest, 1, damage);
      bound("upper", file.upperBound(field), highest, -1, damage);
    } catch (IllegalArgumentException e) {
      damage.accept(about("has a bound that is no value of its type: " + e.getMessage()));
    }
  }

  private void count(String what, long said, long found, Consumer<String> damage) {
    if (said >= 0 && said != found) {
      damage.accept(about("holds " + found + " " + what + ", its manifest says " + said + "."));
    }
  }

  private void bound(
      String which,
      Optional<Object> said,
      @Nullable Object found,
      int wrongSign,
      Consumer<String> damage) {
    if (said.isPresent()
        && found != null
        && Integer.signum(ValueOrder.compare(field.type(), said.get(), found)) == wrongSign) {
      damage.accept(
          about(
              "holds "
                  + Values.describe(found)
                  + ", its manifest gives the "
                  + which
                  + " bound "
                  + Values.describe(said.get())
                  + "."));
    }
  }

  private String about(String what) {
    return "Column '" + field.name() + "' " + what;
  }
}
