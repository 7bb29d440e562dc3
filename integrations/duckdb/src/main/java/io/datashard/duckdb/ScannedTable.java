package io.datashard.duckdb;

import io.datashard.Batches;
import io.datashard.Scan;
import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.expr.Predicate;
import io.datashard.schema.Schema;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBTableFunctionState;
import org.jspecify.annotations.Nullable;

/**
 * A scan as a table function of DuckDB, for one query. DuckDB asks for the columns that the query
 * needs; the filter was learned from the query's plan before.
 *
 * <p>DuckDB's threads call {@link #apply} at the same time: they take batches in turn and each
 * fills its own chunks.
 */
final class ScannedTable
    implements DuckDBTableFunction<ScannedTable, ScannedTable.Reading, ScannedTable.Place> {
  private final String name;
  private final Scan scan;
  private final Schema schema;
  private final long rowsAtMost;
  private final int threads;
  private final Set<Reading> open = ConcurrentHashMap.newKeySet();
  private volatile Predicate filter = Predicate.ALWAYS;
  private volatile @Nullable Throwable failure;

  /**
   * @param scan pinned to one snapshot
   */
  ScannedTable(String name, Scan scan, int threads) {
    this.name = name;
    this.scan = threads > 1 ? scan.parallel(threads) : scan;
    this.schema = scan.schema();
    this.rowsAtMost = scan.countAtMost();
    this.threads = threads;
  }

  String name() {
    return name;
  }

  Schema schema() {
    return schema;
  }

  /** What the rows that the query needs are sure to fulfil. */
  void filter(Predicate sure) {
    // Of a limited scan the rows are chosen before the query filters them.
    if (!scan.isLimited()) {
      filter = sure;
    }
  }

  Predicate filter() {
    return filter;
  }

  /** Why reading failed, if it did. */
  @Nullable Throwable failure() {
    return failure;
  }

  void close() {
    open.forEach(Reading::close);
  }

  @Override
  public ScannedTable bind(DuckDBTableFunctionBindInfo info) throws SQLException {
    for (int i = 0; i < schema.size(); i++) {
      DuckTypes.declare(info, crossed(i), schema.field(i).type());
    }
    info.setCardinality(rowsAtMost, false);
    return this;
  }

  /** The name of a column on its way. */
  static String crossed(int place) {
    return "c" + place;
  }

  @Override
  public Reading init(DuckDBTableFunctionInitInfo info) {
    try {
      List<String> wanted = new ArrayList<>();
      int[] places = new int[(int) info.getColumnCount()];
      for (int i = 0; i < places.length; i++) {
        String column = schema.field((int) info.getColumnIndex(i)).name();
        if (!wanted.contains(column)) {
          wanted.add(column);
        }
        places[i] = wanted.indexOf(column);
      }
      info.setMaxThreads(threads);
      Reading reading = new Reading(scan.where(filter).select(wanted).batches(), places);
      open.add(reading);
      return reading;
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
  }

  @Override
  public Place localInit(DuckDBTableFunctionInitInfo info) {
    return new Place();
  }

  @Override
  public long apply(DuckDBTableFunctionCallInfo info, DuckDBDataChunkWriter chunk) {
    Reading reading = info.getInitData();
    Place place = info.getLocalInitData();
    try {
      while (place.batch == null || place.at == place.batch.rows()) {
        place.batch = reading.next();
        place.at = 0;
        if (place.batch == null) {
          return 0;
        }
      }
      int count = (int) Math.min(chunk.capacity(), place.batch.rows() - place.at);
      for (int i = 0; i < reading.places.length; i++) {
        Column column = place.batch.column(reading.places[i]);
        ChunkFiller.fill(chunk.vector(i), column, place.at, count);
      }
      place.at += count;
      return count;
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
  }

  /** Where one of DuckDB's threads is. */
  static final class Place {
    private @Nullable Batch batch;
    private int at;
  }

  /** One reading of the table; a query that names it twice reads it twice. */
  final class Reading implements DuckDBTableFunctionState {
    private final Batches batches;
    private final Iterator<Batch> source;

    /** For each column that DuckDB asked for, where it is in the batches. */
    private final int[] places;

    private boolean closed;

    Reading(Batches batches, int[] places) {
      this.batches = batches;
      this.source = batches.iterator();
      this.places = places;
    }

    synchronized @Nullable Batch next() {
      return !closed && source.hasNext() ? source.next() : null;
    }

    @Override
    public synchronized void close() {
      if (!closed) {
        closed = true;
        batches.close();
        open.remove(this);
      }
    }
  }
}
