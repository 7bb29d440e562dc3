package io.datashard.duckdb;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.Column;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of a query's answer: as batches, one after another, or as maps. To be read once, by one
 * thread at a time; close it, which ends the query even in the middle.
 *
 * <p>Columns have our types: integers are int or long, HUGEINT (the sum of longs) is decimal(38,
 * 0), BLOB is binary; what has none, such as lists and intervals, is the text that DuckDB makes of
 * it.
 */
public final class SqlRows implements Iterable<Batch>, AutoCloseable {
  private static final int BATCH_ROWS = 8_192;

  private final Session session;
  private final ResultSet result;
  private final Schema schema;
  private final List<ResultColumn> columns;
  private boolean taken;

  SqlRows(Session session) {
    this.session = session;
    this.result = session.result();
    try {
      this.columns = ResultColumn.of(result.getMetaData());
    } catch (SQLException e) {
      SqlException failure = session.failure(e);
      session.close();
      throw failure;
    }
    this.schema = Schema.of(columns.stream().map(ResultColumn::field).toList());
  }

  /** The columns of the answer; a name that is there twice has a number behind it. */
  public Schema schema() {
    return schema;
  }

  /**
   * For each table, the filter that the query's plan gave its scan; {@code Predicate.ALWAYS} if
   * none.
   */
  public Map<String, Predicate> pushedFilters() {
    return session.filters();
  }

  @Override
  public Iterator<Batch> iterator() {
    if (taken) {
      throw new IllegalStateException("These rows were read already; run the query again.");
    }
    taken = true;
    return new Iterator<>() {
      private final BatchBuilder builder = new BatchBuilder(schema);
      private @Nullable Batch ahead;
      private boolean ended;

      @Override
      public boolean hasNext() {
        if (ahead == null && !ended) {
          Batch batch = read(builder);
          ended = batch.rows() < BATCH_ROWS;
          ahead = batch.rows() == 0 ? null : batch;
        }
        return ahead != null;
      }

      @Override
      public Batch next() {
        Batch batch = hasNext() ? ahead : null;
        if (batch == null) {
          throw new NoSuchElementException();
        }
        ahead = null;
        return batch;
      }
    };
  }

  private Batch read(BatchBuilder builder) {
    try {
      while (builder.rows() < BATCH_ROWS && result.next()) {
        for (int i = 0; i < columns.size(); i++) {
          columns.get(i).add(result, i + 1, builder.column(i));
        }
        builder.endRow();
      }
    } catch (SQLException e) {
      throw session.failure(e);
    }
    return builder.build();
  }

  /**
   * All rows as maps from column name to Java value, as {@link io.datashard.Scan#toMaps} has them.
   */
  public List<Map<String, @Nullable Object>> toMaps() {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    for (Batch batch : this) {
      for (int row = 0; row < batch.rows(); row++) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < schema.size(); i++) {
          Column column = batch.column(i);
          map.put(schema.field(i).name(), column.value(row));
        }
        rows.add(map);
      }
    }
    return rows;
  }

  @Override
  public void close() {
    session.close();
  }
}
