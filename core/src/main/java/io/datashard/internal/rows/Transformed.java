package io.datashard.internal.rows;

import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.ColumnBuilder;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.schema.Field;
import io.datashard.schema.StoredTransforms;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.math.BigInteger;
import java.util.function.IntUnaryOperator;

/**
 * Whole columns through a partition transform: as {@link Transform#apply}, without an object each.
 */
final class Transformed {
  private final Transform transform;
  private final Column column;
  private final Type type;

  private Transformed(Transform transform, Column column) {
    this.transform = transform;
    this.column = column;
    this.type = column.type();
  }

  /**
   * The results of a transform other than void.
   *
   * @throws IllegalArgumentException a value has no result; it is named
   */
  static Column of(Transform transform, Column column) {
    return new Transformed(transform, column).results();
  }

  private Column results() {
    return switch (transform.kind()) {
      case IDENTITY -> column;
      case BUCKET -> ints(bucket());
      case TRUNCATE -> truncated();
      case YEAR -> ints(row -> StoredTransforms.years(days(row)));
      case MONTH -> ints(row -> StoredTransforms.months(days(row)));
      case DAY -> type == Type.DATE ? column : ints(this::days);
      case HOUR -> ints(row -> StoredTransforms.hours(((LongColumn) column).get(row)));
      case VOID -> throw new IllegalArgumentException("void makes nothing of a column");
    };
  }

  private int days(int row) {
    return column instanceof IntColumn days
        ? days.get(row)
        : StoredTransforms.days(((LongColumn) column).get(row));
  }

  /** A column of what is made from the rows that are not null. */
  private IntColumn ints(IntUnaryOperator ofRow) {
    int[] results = new int[column.size()];
    for (int row = 0; row < results.length; row++) {
      if (!column.isNull(row)) {
        try {
          results[row] = ofRow.applyAsInt(row);
        } catch (ArithmeticException e) {
          throw transform.noResult(type, column.value(row), e);
        }
      }
    }
    return new IntColumn(transform.resultType(type), results, results.length, column.validity());
  }

  private IntUnaryOperator bucket() {
    IntUnaryOperator hash;
    if (column instanceof IntColumn ints) {
      hash = row -> StoredTransforms.hash((long) ints.get(row));
    } else if (column instanceof LongColumn longs && type instanceof Type.Decimal) {
      hash = row -> StoredTransforms.hash(BigInteger.valueOf(longs.get(row)));
    } else if (column instanceof LongColumn longs) {
      hash = row -> StoredTransforms.hash(longs.get(row));
    } else {
      BytesColumn bytes = (BytesColumn) column;
      hash =
          type instanceof Type.Decimal
              ? row -> StoredTransforms.hash(unscaled(bytes, bytes.code(row)))
              : row -> hash(bytes, bytes.code(row));
    }
    return row -> StoredTransforms.bucket(hash.applyAsInt(row), transform.parameter());
  }

  private static int hash(BytesColumn bytes, int entry) {
    return StoredTransforms.hash(bytes.bytes(), bytes.start(entry), bytes.end(entry));
  }

  private static BigInteger unscaled(BytesColumn bytes, int entry) {
    int start = bytes.start(entry);
    return new BigInteger(bytes.bytes(), start, bytes.end(entry) - start);
  }

  private Column truncated() {
    if (column instanceof IntColumn ints) {
      return ints(row -> Math.toIntExact(truncate(ints.get(row))));
    }
    if (column instanceof LongColumn longs) {
      return truncated(longs);
    }
    BytesColumn bytes = (BytesColumn) column;
    ColumnBuilder cut = new ColumnBuilder(new Field(1, "cut", type, false, null));
    for (int row = 0; row < column.size(); row++) {
      if (column.isNull(row)) {
        cut.addNull();
      } else {
        addTruncated(bytes, row, cut);
      }
    }
    return cut.build();
  }

  private long truncate(long value) {
    return StoredTransforms.truncate(value, transform.parameter());
  }

  private LongColumn truncated(LongColumn longs) {
    long lowest =
        type instanceof Type.Decimal decimal
            ? 1 - BigInteger.TEN.pow(decimal.precision()).longValueExact()
            : Long.MIN_VALUE;
    long[] results = new long[column.size()];
    for (int row = 0; row < results.length; row++) {
      if (!column.isNull(row)) {
        try {
          results[row] = truncate(longs.get(row));
        } catch (ArithmeticException e) {
          throw transform.noResult(type, column.value(row), e);
        }
        if (results[row] < lowest) {
          throw transform.noResult(type, column.value(row), null);
        }
      }
    }
    return new LongColumn(type, results, results.length, column.validity());
  }

  private void addTruncated(BytesColumn bytes, int row, ColumnBuilder cut) {
    int entry = bytes.code(row);
    int start = bytes.start(entry);
    int end = bytes.end(entry);
    int width = transform.parameter();
    if (type == Type.STRING) {
      end = StoredTransforms.endOfCodePoints(bytes.bytes(), start, end, width);
    } else if (type == Type.BINARY) {
      end = Math.min(end, (int) Math.min(Integer.MAX_VALUE, (long) start + width));
    } else {
      cut.add(transform.apply(type, column.value(row))); // a wide decimal
      return;
    }
    cut.addBytes(bytes.bytes(), start, end - start);
  }
}
