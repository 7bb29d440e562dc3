package io.datashard.data;

import io.datashard.schema.Schema;
import java.util.ArrayList;
import java.util.List;

/** Grows a batch row by row: every column gets one value, then {@link #endRow}. */
public final class BatchBuilder {
  private final Schema schema;
  private final List<ColumnBuilder> columns = new ArrayList<>();
  private int rows;

  /** An empty batch of this schema. */
  public BatchBuilder(Schema schema) {
    this.schema = schema;
    schema.fields().forEach(f -> columns.add(new ColumnBuilder(f)));
  }

  /** The schema of the batch. */
  public Schema schema() {
    return schema;
  }

  /** The builder of the column at this place of the schema, from 0. */
  public ColumnBuilder column(int place) {
    return columns.get(place);
  }

  /**
   * Ends the row.
   *
   * @throws IllegalStateException a column got no value or two for it
   */
  public void endRow() {
    rows++;
    for (ColumnBuilder column : columns) {
      if (column.size() != rows) {
        throw new IllegalStateException(
            "Row "
                + rows
                + ": column '"
                + column.field().name()
                + "' has "
                + column.size()
                + " values.");
      }
    }
  }

  /**
   * Adds these rows of a batch of the same columns.
   *
   * @param places row numbers of the batch, from 0
   * @param from the first of {@code places} that counts
   * @param to the one behind the last
   */
  public void addRows(Batch batch, int[] places, int from, int to) {
    for (int i = 0; i < columns.size(); i++) {
      columns.get(i).addRows(batch.column(i), places, from, to);
    }
    rows += to - from;
  }

  /**
   * The batch of columns that were filled one by one, without {@link #endRow}.
   *
   * @throws IllegalArgumentException a column has another number of values than {@code size}
   */
  public Batch build(int size) {
    rows = 0;
    return new Batch(schema, size, columns.stream().map(ColumnBuilder::build).toList());
  }

  /** Rows ended since the last {@link #build}. */
  public int rows() {
    return rows;
  }

  /** About how many bytes of heap the rows take. */
  public long bytesHeld() {
    long bytes = 0;
    for (ColumnBuilder column : columns) {
      bytes += column.bytesHeld();
    }
    return bytes;
  }

  /** The batch of all rows ended; the builder is empty afterwards. */
  public Batch build() {
    Batch batch = new Batch(schema, rows, columns.stream().map(ColumnBuilder::build).toList());
    rows = 0;
    return batch;
  }
}
