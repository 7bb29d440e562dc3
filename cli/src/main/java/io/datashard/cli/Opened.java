package io.datashard.cli;

import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/** How other engines open a table: lines to copy, as they are. */
final class Opened {
  private Opened() {}

  /**
   * Engine to line.
   *
   * @param target the location of the table, or of one of its metadata files
   */
  static Map<String, String> lines(String target) {
    Map<String, String> lines = new LinkedHashMap<>();
    String python = "\"" + target.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    lines.put(
        "pyiceberg",
        "from pyiceberg.table import StaticTable; df = StaticTable.from_metadata("
            + python
            + ").scan().to_pandas()");
    lines.put("polars", "import polars as pl; df = pl.scan_iceberg(" + python + ").collect()");
    lines.put("duckdb", duckdb(target));
    return lines;
  }

  /** The line for DuckDB. */
  static String duckdb(String target) {
    return "INSTALL iceberg; LOAD iceberg; SELECT * FROM iceberg_scan('"
        + local(target).replace("'", "''")
        + "');";
  }

  /** DuckDB takes a path as it is, where it would not take {@code file://} of a folder. */
  private static String local(String target) {
    return target.startsWith("file://") ? target.substring("file://".length()) : target;
  }

  /** The folder of a local table, for shells; other locations as they are. */
  static String folder(String location) {
    return location.startsWith("file:") ? local(location) : URI.create(location).toString();
  }
}
