package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.data.BooleanColumn;
import io.datashard.data.BytesColumn;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.data.IntColumn;
import io.datashard.data.LongColumn;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.SortOrder.Direction;
import io.datashard.schema.SortOrder.NullOrder;
import io.datashard.schema.SortOrder.SortField;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.ValueOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Sorts the rows of a batch, equal ones in the order they came. Spec: "Sorting". */
final class RowSorter {
  /** Shorter stretches are sorted by insertion. */
  private static final int INSERTION_ROWS = 8;

  private final List<RowOrder> orders = new ArrayList<>();

  /** Which of two rows comes first: negative if the first does. */
  private interface RowOrder {
    int compare(int a, int b);
  }

  private RowSorter(Batch batch, Schema schema, SortOrder order) {
    for (SortField field : order.fields()) {
      if (field.transform().kind() != Transform.Kind.VOID) {
        orders.add(orderOf(field, keys(batch, schema, field)));
      }
    }
  }

  /**
   * The rows in order.
   *
   * @param batch of the schema's columns
   * @throws InvalidRowException a value has no place in the order
   */
  static Batch sorted(Batch batch, Schema schema, SortOrder order) {
    RowSorter sorter = new RowSorter(batch, schema, order);
    int[] rows = new int[batch.rows()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    sorter.sort(rows, rows.clone(), 0, rows.length);
    for (int i = 0; i < rows.length; i++) {
      if (rows[i] != i) {
        return batch.take(rows, rows.length);
      }
    }
    return batch;
  }

  private static Column keys(Batch batch, Schema schema, SortField field) {
    int place = schema.placeOfId(field.sourceId());
    try {
      return Transformed.of(field.transform(), batch.column(place));
    } catch (IllegalArgumentException e) {
      throw new InvalidRowException(
          "Column '"
              + schema.field(place).name()
              + "': a value has no place in the table's sort order: "
              + e.getMessage()
              + ". Nothing was committed.",
          e);
    }
  }

  private static RowOrder orderOf(SortField field, Column keys) {
    RowOrder values = valueOrder(keys);
    RowOrder directed =
        field.direction() == Direction.ASC ? values : (a, b) -> values.compare(b, a);
    if (keys.nullCount() == 0) {
      return directed;
    }
    int nulls = field.nullOrder() == NullOrder.FIRST ? -1 : 1;
    return (a, b) -> {
      boolean aIsNull = keys.isNull(a);
      boolean bIsNull = keys.isNull(b);
      if (aIsNull || bIsNull) {
        return aIsNull == bIsNull ? 0 : aIsNull ? nulls : -nulls;
      }
      return directed.compare(a, b);
    };
  }

  private static RowOrder valueOrder(Column keys) {
    if (keys instanceof IntColumn ints) {
      return (a, b) -> Integer.compare(ints.get(a), ints.get(b));
    }
    if (keys instanceof LongColumn longs) {
      return (a, b) -> Long.compare(longs.get(a), longs.get(b));
    }
    if (keys instanceof DoubleColumn doubles) {
      return (a, b) -> Double.compare(doubles.get(a), doubles.get(b));
    }
    if (keys instanceof FloatColumn floats) {
      return (a, b) -> Float.compare(floats.get(a), floats.get(b));
    }
    if (keys instanceof BooleanColumn booleans) {
      return (a, b) -> Boolean.compare(booleans.get(a), booleans.get(b));
    }
    BytesColumn bytes = (BytesColumn) keys;
    if (keys.type() instanceof Type.Decimal decimal) {
      return (a, b) ->
          ValueOrder.compare(
              decimal,
              Objects.requireNonNull(bytes.value(a)),
              Objects.requireNonNull(bytes.value(b)));
    }
    return (a, b) -> compare(bytes, bytes.code(a), bytes.code(b));
  }

  private static int compare(BytesColumn bytes, int a, int b) {
    return Arrays.compareUnsigned(
        bytes.bytes(), bytes.start(a), bytes.end(a), bytes.bytes(), bytes.start(b), bytes.end(b));
  }

  private int compare(int a, int b) {
    for (RowOrder order : orders) {
      int sign = order.compare(a, b);
      if (sign != 0) {
        return sign;
      }
    }
    return 0;
  }

  /**
   * Merges halves; what is sorted already costs one look.
   *
   * @param spare the same as {@code rows}
   */
  private void sort(int[] rows, int[] spare, int from, int to) {
    if (to - from <= INSERTION_ROWS) {
      insert(rows, from, to);
      return;
    }
    int middle = (from + to) >>> 1;
    sort(spare, rows, from, middle);
    sort(spare, rows, middle, to);
    if (compare(spare[middle - 1], spare[middle]) <= 0) {
      System.arraycopy(spare, from, rows, from, to - from);
      return;
    }
    int left = from;
    int right = middle;
    for (int at = from; at < to; at++) {
      boolean takeLeft = left < middle && (right == to || compare(spare[left], spare[right]) <= 0);
      rows[at] = takeLeft ? spare[left++] : spare[right++];
    }
  }

  private void insert(int[] rows, int from, int to) {
    for (int i = from + 1; i < to; i++) {
      int row = rows[i];
      int at = i;
      while (at > from && compare(rows[at - 1], row) > 0) {
        rows[at] = rows[at - 1];
        at--;
      }
      rows[at] = row;
    }
  }
}
