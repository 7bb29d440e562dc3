package io.datashard.internal.parquet;

import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.data.Validity;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound.Facts;
import io.datashard.internal.parquet.Conversion.Lane;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads one column of one row group from front to back, a run of rows at a time. */
final class ColumnCursor {
  /** Looking at more entries than these costs more than looking at the rows. */
  private static final long ENTRIES_PER_ROW_MAX = 4;

  private static final long MICROS_PER_DAY = 86_400_000_000L;

  private final Field field;
  private final String key;
  private final int group;
  private final Lane lane;
  private final PageReader pages;
  private long at;

  /**
   * @param field the column as it is wanted
   * @param key the file's, for messages
   * @param group the row group's number, for messages
   */
  ColumnCursor(Field field, String key, int group, PageReader pages) {
    this.field = field;
    this.key = key;
    this.group = group;
    this.lane = FileColumn.lane(field.type());
    this.pages = pages;
  }

  /** Does some work and names file and column if it fails. */
  static <T> T named(String key, int group, Field field, Supplier<T> work) {
    try {
      return work.get();
    } catch (NotReadableException e) {
      throw new UnsupportedTableException(
          "Data file "
              + key
              + ", column '"
              + field.name()
              + "', row group "
              + group
              + ", holds "
              + e.getMessage()
              + ": DataShard does not read that. Write the file again without it.",
          e);
    } catch (DamagedException
        | IndexOutOfBoundsException
        | ArithmeticException
        | NegativeArraySizeException e) {
      // Decoders leave some checks to the array accesses of the JVM.
      throw ParquetFooter.corrupt(
          key, "column '" + field.name() + "', row group " + group + ": " + e.getMessage(), e);
    }
  }

  /** The row after the last one of the page that holds the row. */
  long pageEnd(long row) {
    return named(key, group, field, () -> pages.find(row).endRow());
  }

  /** What a row takes on average around here, as far as that is known without reading. */
  double bytesPerRow() {
    return pages.bytesPerRow();
  }

  /** The values of the whole chunk, if it is wholly coded; to be asked before the first row. */
  @Nullable Column dictionaryOfAll() {
    return named(
            key,
            group,
            field,
            () -> {
              Dictionary dictionary = pages.dictionaryOfAll();
              return Optional.ofNullable(dictionary).map(Dictionary::entries);
            })
        .orElse(null);
  }

  /** Ends the reading; returns how many pages there were and how many were passed over. */
  ReadCounts finish() {
    return pages.finish();
  }

  /** The same, if it is known without reading; else -1. */
  long pageEndIfKnown(long row) {
    return pages.endRowIfKnown(row);
  }

  /** What the page that holds the row says of its values. */
  Facts pageFacts(long row) {
    return named(key, group, field, () -> pages.find(row).facts(field.type()));
  }

  /**
   * Reads {@code count} rows from row {@code from} on, which is not before the end of what was read
   * last.
   *
   * @throws io.datashard.error.CorruptTableException the file is damaged
   * @throws UnsupportedTableException the pages hold something that is not read here
   */
  Column read(long from, int count) {
    if (from < at) {
      throw new IllegalArgumentException("row " + from + " lies before row " + at);
    }
    return named(key, group, field, () -> readChecked(from, count));
  }

  /**
   * Reads rows as codes, if they lie in one page that has a dictionary. Good until rows behind them
   * are read.
   *
   * @return null if they do not; then nothing was read
   */
  @Nullable CodedColumn readCodes(long from, int count) {
    if (from < at) {
      throw new IllegalArgumentException("row " + from + " lies before row " + at);
    }
    // A time of day or a decimal of bytes has to be looked at.
    if (lane == Lane.BOOLEAN
        || field.type() == Type.TIME
        || lane == Lane.BYTES && field.type().kind() == Type.Kind.DECIMAL) {
      return null;
    }
    return named(key, group, field, () -> Optional.ofNullable(codesOf(pages.load(from), count)))
        .map(
            codes -> {
              at = from + count;
              return codes;
            })
        .orElse(null);
  }

  private @Nullable CodedColumn codesOf(DataPage page, int count) {
    if (page.rowsLeft() < count || !(page.values() instanceof DictionaryValues values)) {
      return null;
    }
    Column entries = values.entries();
    if (entries.size() == 0 || entries.size() > ENTRIES_PER_ROW_MAX * count) {
      return null;
    }
    if (page.levels().allPresentAhead(count)) {
      page.levels().skip(count);
      PackedCodes packed = values.packed(count);
      page.took(count);
      return new CodedColumn(entries, new NamedCodes(packed), count);
    }
    long[] validity = new long[Validity.words(count)];
    int present = page.levels().read(count, validity, 0);
    if (field.required() && present < count) {
      throw new DamagedException("it is required, but " + (count - present) + " rows are null");
    }
    int[] codes = values.codes(count, present, validity);
    page.took(count);
    return new CodedColumn(entries, codes, count, present == count ? null : validity);
  }

  /** Codes of this column whose errors name it. */
  private final class NamedCodes implements CodedColumn.Packed {
    private final PackedCodes codes;

    NamedCodes(PackedCodes codes) {
      this.codes = codes;
    }

    @Override
    public boolean keep(EntryMatches matches, long[] bits) {
      return codes.isNarrow()
          && named(
              key,
              group,
              field,
              () -> {
                codes.keep(matches, bits);
                return true;
              });
    }

    @Override
    public int[] unpack() {
      return named(key, group, field, codes::unpack);
    }
  }

  private Column readChecked(long from, int count) {
    Column column = lane == Lane.BYTES ? readBytes(from, count) : readNumbers(from, count);
    at = from + count;
    if (field.required() && column.nullCount() > 0) {
      throw new DamagedException(
          "it is required, but "
              + column.nullCount()
              + " of rows "
              + from
              + ".."
              + (at - 1)
              + " are null");
    }
    if (field.type() == Type.TIME) {
      checkTimes((LongColumn) column);
    }
    return column;
  }

  /** Rows get a time of day from these, which could not be made of other numbers. */
  private static void checkTimes(LongColumn column) {
    long[] values = column.values();
    for (int i = 0; i < column.size(); i++) {
      if ((values[i] < 0 || values[i] >= MICROS_PER_DAY) && !column.isNull(i)) {
        throw new DamagedException(values[i] + " microseconds are no time of day");
      }
    }
  }

  private Column readNumbers(long from, int count) {
    Object into = array(count);
    long[] validity = null;
    int nulls = 0;
    for (int done = 0; done < count; ) {
      DataPage page = pages.load(from + done);
      int rows = (int) Math.min(count - done, page.rowsLeft());
      if (page.levels().allPresentAhead(rows)) {
        page.levels().skip(rows);
        if (validity != null) {
          Validity.setAll(validity, done, rows);
        }
        values(page.values(), into, done, rows);
      } else {
        if (validity == null) {
          validity = new long[Validity.words(count)];
          Validity.setAll(validity, 0, done);
        }
        int present = page.levels().read(rows, validity, done);
        values(page.values(), into, done, present);
        spread(into, done, rows, present, validity);
        nulls += rows - present;
      }
      page.took(rows);
      done += rows;
    }
    return column(into, count, nulls == 0 ? null : validity);
  }

  private Object array(int count) {
    return switch (lane) {
      case BOOLEAN -> new boolean[count];
      case INT -> new int[count];
      case LONG -> new long[count];
      case FLOAT -> new float[count];
      case DOUBLE -> new double[count];
      case BYTES -> throw new IllegalStateException("no numbers");
    };
  }

  private void values(ValueReader values, Object into, int start, int count) {
    switch (lane) {
      case BOOLEAN -> values.booleans((boolean[]) into, start, count);
      case INT -> values.ints((int[]) into, start, count);
      case LONG -> values.longs((long[]) into, start, count);
      case FLOAT -> values.floats((float[]) into, start, count);
      case DOUBLE -> values.doubles((double[]) into, start, count);
      case BYTES -> throw new IllegalStateException("no numbers");
    }
  }

  /** Moves the values that were read to the front of their rows to the rows that have one. */
  private void spread(Object into, int start, int rows, int present, long[] validity) {
    if (present == rows || present == 0) {
      return;
    }
    int from = start + present;
    for (int row = start + rows - 1; from > start; row--) {
      if (Validity.isSet(validity, row)) {
        from--;
        switch (lane) {
          case BOOLEAN -> ((boolean[]) into)[row] = ((boolean[]) into)[from];
          case INT -> ((int[]) into)[row] = ((int[]) into)[from];
          case LONG -> ((long[]) into)[row] = ((long[]) into)[from];
          case FLOAT -> ((float[]) into)[row] = ((float[]) into)[from];
          case DOUBLE -> ((double[]) into)[row] = ((double[]) into)[from];
          case BYTES -> throw new IllegalStateException("no numbers");
        }
      }
    }
  }

  private Column column(Object values, int count, long @Nullable [] validity) {
    Type type = field.type();
    return switch (lane) {
      case BOOLEAN -> new BooleanColumn(type, (boolean[]) values, count, validity);
      case INT -> new IntColumn(type, (int[]) values, count, validity);
      case LONG -> new LongColumn(type, (long[]) values, count, validity);
      case FLOAT -> new FloatColumn(type, (float[]) values, count, validity);
      case DOUBLE -> new DoubleColumn(type, (double[]) values, count, validity);
      case BYTES -> throw new IllegalStateException("no numbers");
    };
  }

  private BytesColumn readBytes(long from, int count) {
    List<BytesColumn> parts = new ArrayList<>(1);
    for (int done = 0; done < count; ) {
      DataPage page = pages.load(from + done);
      int rows = (int) Math.min(count - done, page.rowsLeft());
      parts.add(bytesOf(page, rows));
      page.took(rows);
      done += rows;
    }
    return parts.size() == 1 ? parts.get(0) : ByteParts.join(field.type(), parts, count);
  }

  private BytesColumn bytesOf(DataPage page, int rows) {
    long[] validity = null;
    int present = rows;
    if (page.levels().allPresentAhead(rows)) {
      page.levels().skip(rows);
    } else {
      validity = new long[Validity.words(rows)];
      present = page.levels().read(rows, validity, 0);
    }
    BytesColumn column =
        page.values().bytes(field.type(), rows, present, present == rows ? null : validity);
    if (field.type().kind() == Type.Kind.DECIMAL) {
      checkDecimals(column);
    }
    return column;
  }

  /** No number is made of no bytes. */
  private static void checkDecimals(BytesColumn column) {
    for (int row = 0; row < column.size(); row++) {
      int entry = column.code(row);
      if (!column.isNull(row) && column.start(entry) == column.end(entry)) {
        throw new DamagedException("a decimal of no bytes");
      }
    }
  }
}
