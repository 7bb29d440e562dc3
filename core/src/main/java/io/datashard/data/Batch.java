package io.datashard.data;

import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.util.List;

/** Some rows of a table, column by column. Immutable, as long as nobody writes to its arrays. */
public final class Batch {
  private final Schema schema;
  private final int rows;
  private final List<Column> columns;

  /**
   * A batch of these columns.
   *
   * @param columns one for each column of the schema, in its order, of its type, all of {@code
   *     rows} rows
   * @throws IllegalArgumentException the columns do not fit the schema or each other
   */
  public Batch(Schema schema, int rows, List<Column> columns) {
    this.schema = schema;
    this.rows = rows;
    this.columns = List.copyOf(columns);
    if (columns.size() != schema.size()) {
      throw new IllegalArgumentException(
          "The schema has " + schema.size() + " columns, the batch " + columns.size() + ".");
    }
    for (int i = 0; i < columns.size(); i++) {
      Column column = columns.get(i);
      Field field = schema.field(i);
      if (!column.type().equals(field.type()) || column.size() != rows) {
        throw new IllegalArgumentException(
            "Column '"
                + field.name()
                + "' should be "
                + rows
                + " rows of "
                + field.type()
                + ", is "
                + column.size()
                + " of "
                + column.type()
                + ".");
      }
    }
  }

  /** The columns' names and types, in order. */
  public Schema schema() {
    return schema;
  }

  /** The number of rows. */
  public int rows() {
    return rows;
  }

  /** The column at this place of the schema, from 0. */
  public Column column(int place) {
    return columns.get(place);
  }

  /**
   * The column of this name.
   *
   * @throws IllegalArgumentException there is none
   */
  public Column column(String name) {
    return columns.get(schema.placeOf(name));
  }

  /** All columns, in the schema's order. */
  public List<Column> columns() {
    return columns;
  }

  /**
   * The rows of all these batches in order, as a copy.
   *
   * @param batches at least one, all of one schema
   */
  public static Batch concat(List<Batch> batches) {
    return batches.size() == 1 ? batches.get(0) : Concat.of(batches);
  }

  /** The rows from {@code from} up to and without {@code to}. */
  public Batch slice(int from, int to) {
    if (from == 0 && to == rows) {
      return this;
    }
    return new Batch(schema, to - from, columns.stream().map(c -> c.slice(from, to)).toList());
  }

  /**
   * The rows named, in that order.
   *
   * @param places row numbers, from 0
   * @param count how many of {@code places} count
   */
  public Batch take(int[] places, int count) {
    return new Batch(schema, count, columns.stream().map(c -> c.take(places, count)).toList());
  }
}
