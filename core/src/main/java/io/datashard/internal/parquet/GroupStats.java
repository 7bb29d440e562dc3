package io.datashard.internal.parquet;

import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.table.ColumnSummary;
import java.util.Objects;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.Statistics;
import org.jspecify.annotations.Nullable;

/** What the footer's statistics of one row group tell without reading it. */
public final class GroupStats {
  private GroupStats() {}

  /** Which rows satisfy a predicate. */
  public static Bound.Match match(ParquetReader reader, int group, Bound filter) {
    ParquetFooter footer = reader.footer();
    return filter.match(
        field -> {
          FileColumn column = footer.find(field);
          return column == null
              ? Stats.onlyNulls(footer.rowGroupRows(group))
              : footer.facts(group, column, field.type());
        });
  }

  /**
   * A column's summary over all rows of the group, or null if statistics do not tell it exactly.
   *
   * <p>Files of ours say which bounds are values, and so may those of others. Where nothing is said
   * only bounds of booleans and whole numbers are taken for values: texts may be cut. Of floats in
   * files of others it is not known whether NaNs were left out.
   *
   * @param nans how many values in the group are NaN, if somebody else knows; -1 if not
   */
  public static @Nullable ColumnSummary summary(
      ParquetReader reader, int group, Field field, long nans) {
    ParquetFooter footer = reader.footer();
    FileColumn column = footer.find(field);
    long rows = footer.rowGroupRows(group);
    if (rows == 0) {
      return new ColumnSummary(field.name(), field.type(), 0, 0, 0, null, null);
    }
    if (column == null) { // a required one that is missing is an error of whoever reads it
      return field.required()
          ? null
          : new ColumnSummary(field.name(), field.type(), rows, rows, 0, null, null);
    }
    Facts facts = footer.facts(group, column, field.type());
    long nulls = facts.nulls();
    if (nulls < 0 || nulls > 0 && field.required()) {
      return null;
    }
    if (nulls == rows) {
      return new ColumnSummary(field.name(), field.type(), rows, rows, 0, null, null);
    }
    boolean floats = field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
    long knownNans = floats ? nans : 0;
    if (knownNans < 0 || floats && !footer.isSealed()) {
      return null;
    }
    if (nulls + knownNans == rows) {
      return new ColumnSummary(field.name(), field.type(), rows, nulls, knownNans, null, null);
    }
    return facts.lower() != null && facts.upper() != null && areValues(footer, group, column, field)
        ? new ColumnSummary(
            field.name(), field.type(), rows, nulls, knownNans, facts.lower(), facts.upper())
        : null;
  }

  private static boolean areValues(
      ParquetFooter footer, int group, FileColumn column, Field field) {
    ColumnMetaData about = footer.chunk(group, column).getMeta_data();
    Statistics stats = about.getStatistics();
    boolean whole = column.physical() != null && isWhole(column);
    boolean min = stats.isSetIs_min_value_exact() ? stats.isIs_min_value_exact() : whole;
    boolean max = stats.isSetIs_max_value_exact() ? stats.isIs_max_value_exact() : whole;
    return min && max && isReadAsItIs(column, field);
  }

  private static boolean isWhole(FileColumn column) {
    return switch (Objects.requireNonNull(column.physical())) {
      case BOOLEAN, INT32, INT64 -> true;
      case INT96, FLOAT, DOUBLE, BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY -> false;
    };
  }

  /** Whether reading refuses none of the values between two that it takes. */
  private static boolean isReadAsItIs(FileColumn column, Field field) {
    Conversion conversion = column.conversionTo(field.type());
    return conversion != null
        && switch (conversion) {
          case NANOS_TO_MICROS, ULONG_TO_LONG, INT96_TO_MICROS -> false;
          default -> true;
        };
  }
}
