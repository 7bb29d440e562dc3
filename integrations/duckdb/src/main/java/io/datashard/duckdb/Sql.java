package io.datashard.duckdb;

import io.datashard.Scan;
import io.datashard.Table;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * SQL over scans, run by DuckDB in this process. Immutable.
 *
 * <p>Each query opens an empty database in memory, in which the tables are views of our own scans:
 * what a scan promises holds here. All tables are pinned to one snapshot each when the query
 * begins. DuckDB reads only the columns that the query needs, and what its plan says about the rows
 * of a table that matter becomes the scan's filter, so that files, row groups and pages without
 * such rows are not opened. Results are streamed.
 *
 * <p>Names of tables and columns are written in any case, as DuckDB has them; the session's time
 * zone is UTC. A {@code fixed} or {@code binary} is a BLOB. DuckDB orders NaN above all numbers.
 * The text is trusted: DuckDB can read and write files.
 */
public final class Sql {
  private final Map<String, Scan> tables;
  private final int threads;

  private Sql(Map<String, Scan> tables, int threads) {
    this.tables = tables;
    this.threads = threads;
  }

  /**
   * Over all rows of the newest snapshot; the table is called like the last part of its location.
   */
  public static Sql over(Table table) {
    return over(nameOf(table.location()), table.scan());
  }

  /** Over the rows, columns and snapshot of a scan, called by this name. */
  public static Sql over(String name, Scan scan) {
    return new Sql(Map.of(), 1).and(name, scan);
  }

  /** And over this table, called like the last part of its location. */
  public Sql and(Table table) {
    return and(nameOf(table.location()), table.scan());
  }

  /**
   * And over this scan, called by this name.
   *
   * @throws IllegalArgumentException the name is taken, or empty
   */
  public Sql and(String name, Scan scan) {
    boolean taken = tables.keySet().stream().anyMatch(other -> lower(other).equals(lower(name)));
    if (taken || name.isBlank()) {
      throw new IllegalArgumentException(
          taken
              ? "Two tables are called '" + name + "'; give each scan a name of its own."
              : "A table needs a name.");
    }
    Map<String, Scan> more = new LinkedHashMap<>(tables);
    more.put(name, scan);
    return new Sql(more, threads);
  }

  /**
   * Reads and computes with up to so many threads. With more than one, rows that the query does not
   * order come in any order.
   *
   * @param count at least 1, which is the default
   */
  public Sql parallel(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("parallel must be at least 1, got " + count);
    }
    return new Sql(tables, count);
  }

  /** What a table at this location is called: the last part, without a slash at its end. */
  public static String nameOf(String location) {
    String path = location.replaceAll("[/\\\\]+$", "");
    return path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  }

  static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /**
   * Runs a query. Close the rows, which frees everything even in the middle.
   *
   * @throws SqlException DuckDB does not understand it, or it failed
   * @throws io.datashard.error.DataShardException as scans throw it, before the query begins
   */
  public SqlRows query(String sql) {
    return new SqlRows(Session.start(tables, threads, sql));
  }

  /**
   * Runs a query, for code that wants JDBC. Closing the result frees everything. It throws {@link
   * SQLException} alone; where reading a table failed, that is its cause.
   */
  public ResultSet resultSet(String sql) throws SQLException {
    return JdbcRows.of(Session.start(tables, threads, sql));
  }
}
