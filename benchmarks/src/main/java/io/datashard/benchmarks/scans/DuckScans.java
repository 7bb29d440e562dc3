package io.datashard.benchmarks.scans;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * DuckDB in this process. Queries end in one row of sums that its engine computes; only those for
 * rows hand over every row.
 */
public final class DuckScans implements Scans {
  private static final String ID = "sum(id)";
  private static final String STATUS = "sum(strlen(status))";
  private static final String TIME = "sum(epoch_us(ts) - " + FIRST_MICROS + ")";
  private static final String SIX =
      String.join(
          ", ",
          List.of(
              "count(*)", ID, TIME, "sum(user_id)", STATUS, "sum(value)", "sum(strlen(payload))"));

  private final Connection connection;
  private String files = "";
  private int threads = 0;

  private DuckScans(Connection connection) {
    this.connection = connection;
  }

  /** An engine without a database of its own. */
  public static DuckScans create() throws SQLException {
    DuckScans made = new DuckScans(DriverManager.getConnection("jdbc:duckdb:"));
    made.run("SET TimeZone = 'UTC'");
    return made;
  }

  @Override
  public void open(String folder) {
    files = "read_parquet('" + folder.replace("'", "''") + "/**/*.parquet')";
  }

  private void run(String statement) {
    try (Statement one = connection.createStatement()) {
      one.execute(statement);
    } catch (SQLException e) {
      throw new IllegalStateException(statement, e);
    }
  }

  private void use(int count) {
    if (threads != count) {
      run("SET threads = " + count);
      threads = count;
    }
  }

  @Override
  public double[] ask(String query, int count, long low, long high) {
    use(count);
    String failed = " FROM " + files + " WHERE status = 'failed'";
    return switch (query) {
      case "sum" -> one("SELECT count(*), sum(value) FROM " + files);
      case "two" -> one("SELECT count(*), " + ID + ", " + STATUS + " FROM " + files);
      case "failed-count" -> one("SELECT count(*)" + failed);
      case "failed" -> one("SELECT " + SIX + failed);
      case "range" ->
          one("SELECT %s FROM %s WHERE id >= %d AND id <= %d".formatted(SIX, files, low, high));
      case "all" -> one("SELECT " + SIX + " FROM " + files);
      case "rows-two" -> rowsOfTwo();
      case "rows" -> rows();
      default -> throw new UnsupportedOperationException(query);
    };
  }

  private double[] one(String query) {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      double[] found = new double[row.getMetaData().getColumnCount()];
      for (int i = 0; i < found.length; i++) {
        found[i] = row.getDouble(i + 1);
      }
      return found;
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  private double[] rowsOfTwo() {
    String query = "SELECT id, status FROM " + files;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      long rows = 0;
      long ids = 0;
      long statuses = 0;
      while (row.next()) {
        rows++;
        ids += row.getLong(1);
        statuses += row.getString(2).length();
      }
      return new double[] {rows, ids, statuses};
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  /** Times as numbers: what its driver makes of times takes much longer. */
  private double[] rows() {
    String query = "SELECT id, epoch_us(ts), user_id, status, value, payload FROM " + files;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      long rows = 0;
      long ids = 0;
      long times = 0;
      long users = 0;
      long statuses = 0;
      double values = 0;
      long payloads = 0;
      while (row.next()) {
        rows++;
        ids += row.getLong(1);
        times += row.getLong(2) - FIRST_MICROS;
        users += row.getLong(3);
        statuses += row.getString(4).length();
        values += row.getDouble(5);
        payloads += row.getString(6).length();
      }
      return new double[] {rows, ids, times, users, statuses, values, payloads};
    } catch (SQLException e) {
      throw new IllegalStateException(query, e);
    }
  }

  @Override
  public void keep(String shape, int rows) {
    use(1);
    run("CREATE OR REPLACE TABLE kept AS SELECT * FROM " + files + " LIMIT " + rows);
  }

  @Override
  public void write(String folder) {
    copy("kept", folder);
  }

  private void copy(String what, String file) {
    String quoted = file.replace("'", "''");
    run("COPY " + what + " TO '" + quoted + "' (FORMAT parquet, COMPRESSION zstd)");
  }

  /**
   * {@code own FOLDER FILE...} writes a file in an existing folder for each of these; without
   * arguments see {@link Scans#main}.
   */
  public static void main(String[] args) throws IOException, SQLException {
    DuckScans scans = create();
    if (args.length == 0) {
      Scans.main(scans);
      return;
    }
    scans.use(1);
    List<String> sources = new ArrayList<>(List.of(args).subList(2, args.length));
    for (int i = 0; i < sources.size(); i++) {
      String source = sources.get(i).replace("'", "''");
      String name = String.format(Locale.ROOT, "/%03d.parquet", i);
      scans.copy("(SELECT * FROM read_parquet('" + source + "'))", args[1] + name);
    }
  }
}
