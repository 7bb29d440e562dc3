package io.datashard.dataframe;

import io.datashard.Append;
import io.datashard.Batches;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import java.util.Iterator;
import org.dflib.DataFrame;

/**
 * Data frames of scans, and appends of data frames.
 *
 * <p>A column of boolean, int, long, float or double without a null becomes a primitive series;
 * every other column becomes a series of the Java objects that {@link io.datashard.schema.Type}
 * lists, with nulls in it. Filter, columns, snapshot, limit and parallelism are the scan's.
 */
public final class DataFrames {
  private static final int BATCH_ROWS = 16_384;

  private DataFrames() {}

  /** The whole scan as one data frame, in memory. */
  public static DataFrame of(Scan scan) {
    try (Batches batches = scan.batches()) {
      return of(batches.schema(), batches);
    }
  }

  /** Batches of these columns as one data frame, such as the answer of an SQL query. */
  public static DataFrame of(Schema schema, Iterable<Batch> batches) {
    FrameBuilder frame = new FrameBuilder(schema);
    batches.forEach(frame::add);
    return frame.build();
  }

  /**
   * The scan as data frames of {@code rows} rows each, the last one shorter; one at a time in
   * memory. Close it.
   *
   * @param rows at least 1
   */
  public static Chunks chunks(Scan scan, int rows) {
    return new Chunks(scan.batches(rows));
  }

  /**
   * Appends a data frame in one commit. Its columns are the table's by name, in any order; optional
   * ones may be absent.
   *
   * @throws io.datashard.error.SchemaMismatchException a column is not the table's, or a required
   *     one is absent
   * @throws io.datashard.error.InvalidRowException a value does not fit; row, column, value and
   *     type are named, nothing was committed
   */
  public static Committed append(Table table, DataFrame frame) {
    Schema schema = table.schema();
    FrameRows rows = new FrameRows(schema, frame);
    try (Append append = table.newAppend().expecting(schema)) {
      Iterator<Batch> batches = rows.batches(BATCH_ROWS);
      Iterable<Batch> once = () -> batches;
      return append.batches(once).commit();
    }
  }
}
