package io.datashard.internal.scan;

import io.datashard.expr.Bound.Facts;
import io.datashard.schema.Field;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import io.datashard.table.ColumnSummary;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest tells exactly of a column in all rows of a data file.
 *
 * <p>Counts are exact wherever they are recorded. Bounds need not be values: writers cut texts, and
 * some round times. So those of others count only where lower and upper are the same, and of ours
 * those that our writer would have left as they are.
 */
public final class RecordedColumn {
  /** Texts and byte strings this long may have been cut here. */
  private static final int CUT_AT = 16;

  private RecordedColumn() {}

  /**
   * The column's summary, if all of it is recorded.
   *
   * @param task with the metrics of this column
   * @param ours whether our writer wrote the data file, and so the bounds
   * @throws io.datashard.error.CorruptTableException a bound is no value of the column's type
   */
  public static Optional<ColumnSummary> of(FileTask task, Field field, boolean ours) {
    Facts facts = ColumnFacts.of(task.file(), field);
    long nulls = facts.nulls() < 0 && field.required() ? 0 : facts.nulls();
    long nans = nans(facts, field);
    if (nulls < 0 || nans < 0 || nulls > 0 && field.required()) {
      return Optional.empty();
    }
    if (nulls + nans == facts.rows()) {
      return Optional.of(summary(field, facts, nulls, nans, null, null));
    }
    @Nullable Object lower = facts.lower();
    @Nullable Object upper = facts.upper();
    boolean same =
        lower != null && upper != null && ValueOrder.compare(field.type(), lower, upper) == 0;
    return lower != null
            && upper != null
            && (same
                || ours
                    && isValue(field.type(), lower, true)
                    && isValue(field.type(), upper, false))
        ? Optional.of(summary(field, facts, nulls, nans, lower, upper))
        : Optional.empty();
  }

  private static ColumnSummary summary(
      Field field, Facts facts, long nulls, long nans, @Nullable Object min, @Nullable Object max) {
    return new ColumnSummary(field.name(), field.type(), facts.rows(), nulls, nans, min, max);
  }

  /** How many values are NaN as far as the manifest tells, or -1. */
  public static long nans(FileTask task, Field field) {
    return nans(ColumnFacts.of(task.file(), field), field);
  }

  private static long nans(Facts facts, Field field) {
    return field.type() == Type.FLOAT || field.type() == Type.DOUBLE ? facts.nans() : 0;
  }

  /** Whether our writer records such a bound for a value that is the same. */
  private static boolean isValue(Type type, Object bound, boolean isLower) {
    return switch (type.kind()) {
      case BOOLEAN, INT, LONG, FLOAT, DOUBLE, DECIMAL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, FIXED ->
          true;
      case STRING -> {
        String text = (String) bound;
        yield text.codePointCount(0, text.length()) < CUT_AT;
      }
      // An upper bound that was rounded up may be shorter than what it was cut to.
      case BINARY -> isLower && ((byte[]) bound).length < CUT_AT;
      // Moved outwards for readers that order them in another way.
      case UUID -> false;
    };
  }
}
