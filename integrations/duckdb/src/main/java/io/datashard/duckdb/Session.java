package io.datashard.duckdb;

import io.datashard.Scan;
import io.datashard.error.DataShardException;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.jspecify.annotations.Nullable;

/** One query: its database in memory, its tables, its result. */
final class Session implements AutoCloseable {
  private final List<ScannedTable> tables;
  private final Connection connection;
  private @Nullable Statement statement;
  private @Nullable ResultSet result;

  private Session(List<ScannedTable> tables, Connection connection) {
    this.tables = tables;
    this.connection = connection;
  }

  /** Opens everything and begins to run the query. */
  static Session start(Map<String, Scan> scans, int threads, String sql) {
    List<ScannedTable> tables = new ArrayList<>();
    scans.forEach((name, scan) -> tables.add(new ScannedTable(name, scan.pinned(), threads)));
    tables.forEach(Session::requireNamesThatDiffer);
    Session session = null;
    try {
      session = new Session(tables, database(threads));
      session.learnFilters(sql);
      session.register();
      session.run(sql);
      return session;
    } catch (SQLException e) {
      close(session);
      throw failure(tables, e);
    } catch (RuntimeException | Error e) {
      close(session);
      throw e;
    }
  }

  private static void close(@Nullable Session session) {
    if (session != null) {
      session.close();
    }
  }

  private static void requireNamesThatDiffer(ScannedTable table) {
    Set<String> names = new HashSet<>();
    for (Field field : table.schema().fields()) {
      if (!names.add(Sql.lower(field.name()))) {
        throw new SqlException(
            "Table '"
                + table.name()
                + "' has two columns called '"
                + field.name()
                + "', which SQL cannot tell apart: it takes names in any case. Select one of them"
                + " in the scan.",
            null);
      }
    }
  }

  private static Connection database(int threads) throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("jdbc_stream_results", "true");
    properties.setProperty("threads", Integer.toString(threads));
    Connection connection = DuckDBConnection.newConnection("jdbc:duckdb:", false, "", properties);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET TimeZone = 'UTC'");
    }
    return connection;
  }

  /**
   * Asks DuckDB to plan the query over empty tables of the same columns, which make room for the
   * views then: only for such tables its plan can be had with all that it says about rows. What
   * cannot be planned is read unfiltered; what is wrong with it is told when it runs.
   */
  private void learnFilters(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      for (ScannedTable table : tables) {
        statement.execute(
            "CREATE TABLE "
                + DuckTypes.name(table.name())
                + table.schema().fields().stream()
                    .map(f -> DuckTypes.name(f.name()) + " " + DuckTypes.sqlType(f.type()))
                    .collect(Collectors.joining(", ", "(", ")")));
      }
      // Statistics of the empty tables must not make it believe that nothing is there.
      statement.execute("SET disabled_optimizers = 'statistics_propagation'");
      Map<String, Predicate> filters = plan(statement, sql);
      statement.execute("RESET disabled_optimizers");
      for (ScannedTable table : tables) {
        statement.execute("DROP TABLE " + DuckTypes.name(table.name()));
        table.filter(filters.getOrDefault(table.name(), Predicate.ALWAYS));
      }
    }
  }

  private Map<String, Predicate> plan(Statement statement, String sql) {
    Map<String, Schema> schemas =
        tables.stream().collect(Collectors.toMap(ScannedTable::name, ScannedTable::schema));
    try (ResultSet plan =
        statement.executeQuery(
            "SELECT json_serialize_plan(" + DuckTypes.text(sql) + ", optimize := true)")) {
      return plan.next() ? PlanFilters.of(PlanJson.parse(plan.getString(1)), schemas) : Map.of();
    } catch (SQLException | IOException e) {
      return Map.of();
    }
  }

  private void register() throws SQLException {
    try (Statement views = connection.createStatement()) {
      for (int i = 0; i < tables.size(); i++) {
        ScannedTable table = tables.get(i);
        String function = "datashard_scan_" + i;
        try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
          builder
              .withName(function)
              .withFunction(table)
              .withProjectionPushdown()
              .register(connection);
        }
        List<String> seen = new ArrayList<>();
        for (int k = 0; k < table.schema().size(); k++) {
          seen.add(DuckTypes.seen(table.schema().field(k), ScannedTable.crossed(k)));
        }
        views.execute(
            "CREATE VIEW "
                + DuckTypes.name(table.name())
                + " AS SELECT "
                + String.join(", ", seen)
                + " FROM "
                + function
                + "()");
      }
    }
  }

  private void run(String sql) throws SQLException {
    Statement opened = connection.createStatement();
    statement = opened;
    if (!opened.execute(sql)) {
      throw new SqlException("The query has no rows for an answer: write a SELECT.", null);
    }
    result = opened.getResultSet();
  }

  ResultSet result() {
    if (result == null) {
      throw new IllegalStateException("The query was not run.");
    }
    return result;
  }

  /** What was filtered where, by table: for tests and for people. */
  Map<String, Predicate> filters() {
    Map<String, Predicate> filters = new LinkedHashMap<>();
    tables.forEach(table -> filters.put(table.name(), table.filter()));
    return filters;
  }

  /** What DuckDB's error is about: a table that could not be read, or the query. */
  SqlException failure(SQLException e) {
    return failure(tables, e);
  }

  private static SqlException failure(List<ScannedTable> tables, SQLException e) {
    for (ScannedTable table : tables) {
      Throwable cause = table.failure();
      if (cause != null) {
        return new SqlException(
            "Table '"
                + table.name()
                + "' could not be read for the query: "
                + (cause instanceof DataShardException ? cause.getMessage() : cause.toString()),
            cause);
      }
    }
    return new SqlException("The query failed: " + e.getMessage(), e);
  }

  /** Ends the query: DuckDB first, then what it has left open. */
  @Override
  public void close() {
    closeQuietly(result);
    closeQuietly(statement);
    closeQuietly(connection);
    tables.forEach(ScannedTable::close);
  }

  private static void closeQuietly(@Nullable AutoCloseable what) {
    try {
      if (what != null) {
        what.close();
      }
    } catch (Exception e) {
      // The rows were read or given up; there is nobody to tell.
    }
  }
}
