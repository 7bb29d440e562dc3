package io.datashard.internal.parquet;

import io.datashard.data.Column;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The columns that a filter looks at, for a run of rows: as codes where they have a dictionary. */
final class FilterRun {
  private final int rows;
  private final @Nullable Column[] columns;
  private final @Nullable CodedColumn[] codes;

  /** So many rows of so many columns, which are set one by one. */
  FilterRun(int rows, int size) {
    this.rows = rows;
    this.columns = new Column[size];
    this.codes = new CodedColumn[size];
  }

  void set(int place, Column column) {
    columns[place] = column;
  }

  void set(int place, CodedColumn coded) {
    codes[place] = coded;
  }

  int rows() {
    return rows;
  }

  /** The column's rows as codes, or null if it has none. */
  @Nullable CodedColumn codes(int place) {
    return codes[place];
  }

  /** The column's values; made from codes when first asked for. */
  Column column(int place) {
    Column column = columns[place];
    if (column == null) {
      column = Objects.requireNonNull(codes[place]).column();
      columns[place] = column;
    }
    return column;
  }

  /** Which rows of the column are not null; null if all. */
  long @Nullable [] validity(int place) {
    CodedColumn coded = codes[place];
    return coded == null ? column(place).validity() : coded.validity();
  }

  /** Some rows of the column, as {@link Column#take}. */
  Column take(int place, int[] taken, int count) {
    CodedColumn coded = codes[place];
    return coded == null || columns[place] != null
        ? column(place).take(taken, count)
        : coded.take(taken, count);
  }
}
