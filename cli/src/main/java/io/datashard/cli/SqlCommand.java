package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.duckdb.Sql;
import io.datashard.duckdb.SqlRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code datashard sql}: an answer computed by DuckDB over our own scans. */
final class SqlCommand extends Command {
  private static final String DRIVER = "org.duckdb.DuckDBDriver";
  private static final String PRINT = "--print-iceberg-scan";

  /** A table and what the query calls it. */
  private record Named(String name, String location) {
    static Named of(String word) {
      int equals = word.indexOf('=');
      boolean named = equals > 0 && word.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*");
      return named
          ? new Named(word.substring(0, equals), word.substring(equals + 1))
          : new Named(Sql.nameOf(word), word);
    }
  }

  @Override
  protected void declare(Options options) {
    options.about(
        "Answers an SQL query over tables, computed by DuckDB in this process over our own scans:"
            + " only the columns and, as far as the query tells, the files and pages that matter are"
            + " read; each table at one snapshot.%n%nA table is called like the last part of its"
            + " location, or as NAME=LOCATION says:%n  sql lake/tasks \"SELECT status, count(*) FROM"
            + " tasks GROUP BY ALL\"%n");
    options.parameter("LOCATION", "The table's folder or file: URI, or NAME=LOCATION.");
    options.parameters("LOCATION... QUERY", "More tables, and then the query, one word.");
    ReadOptions.declareSnapshot(options);
    options.number(
        "--parallel",
        "N",
        "Read and compute with up to so many threads; then rows that the query does not order come"
            + " in any order. Default: 1.");
    options.flag(
        PRINT,
        "Run nothing: print the line by which DuckDB itself, with its Iceberg extension, opens each"
            + " of the tables.");
    RowFormat.declare(options);
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    List<String> words = args.parametersFrom(0);
    if (args.has(PRINT)) {
      return print(words, console);
    }
    if (words.size() < 2) {
      throw new UsageException("give one or more tables and then the query in quotes.");
    }
    List<Named> tables = words.subList(0, words.size() - 1).stream().map(Named::of).toList();
    ReadOptions snapshot = ReadOptions.snapshotOf(args);
    if (args.numberOrNull("--snapshot") != null && tables.size() > 1) {
      throw new UsageException("--snapshot is of one table; of several, give --as-of.");
    }
    int threads = (int) Math.min(1_024, args.number("--parallel", 1, 1));
    RowFormat format = RowFormat.of(args, console);
    requireDriver();
    List<Table> open = new ArrayList<>();
    try (RowOutput output = RowOutput.of(args, console)) {
      Sql sql = null;
      for (Named named : tables) {
        Table table = DataShard.loadTable(named.location());
        open.add(table);
        sql = with(sql, named.name(), snapshot.scan(table));
      }
      answer(sql, threads, words.get(words.size() - 1), format, output, console);
    } finally {
      open.forEach(Table::close);
    }
    return OK;
  }

  private static Sql with(@Nullable Sql sql, String name, Scan scan) {
    try {
      return sql == null ? Sql.over(name, scan) : sql.and(name, scan);
    } catch (IllegalArgumentException e) {
      throw new UsageException(e.getMessage() + " Write NAME=LOCATION.", e);
    }
  }

  private static void answer(
      @Nullable Sql sql,
      int threads,
      String query,
      RowFormat format,
      RowOutput output,
      Console console)
      throws IOException {
    if (sql == null) {
      throw new UsageException("there is no table.");
    }
    try (SqlRows rows = sql.parallel(threads).query(query)) {
      format.print(rows.schema(), rows, output, console);
    }
  }

  private static void requireDriver() {
    try {
      Class.forName(DRIVER, false, SqlCommand.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new FailedException(
          "DuckDB is not there. ./datashard fetches it by itself; otherwise put the jar of"
              + " org.duckdb:duckdb_jdbc on the class path: java -cp datashard.jar:duckdb_jdbc.jar"
              + " io.datashard.cli.Main sql ...",
          e);
    }
  }

  private static int print(List<String> words, Console console) {
    for (String word : words) {
      try (Table table = DataShard.loadTable(Named.of(word).location())) {
        console.out().line(Opened.duckdb(table.location()));
      }
    }
    return OK;
  }
}
