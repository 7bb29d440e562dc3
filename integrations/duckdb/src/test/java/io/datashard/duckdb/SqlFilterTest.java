package io.datashard.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.expr.Predicate;
import io.datashard.testkit.RandomRows;
import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.duckdb.DuckDBConnection;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random queries through our scans and over the same data files read by DuckDB itself. */
class SqlFilterTest {
  private static final int QUERIES = 120;

  @TempDir Path folder;

  private final SplittableRandom random = new SplittableRandom(20_261_130);

  private String literal(String column, @Nullable Object value) {
    if (value == null) {
      return "NULL";
    }
    return switch (column) {
      case "f" -> "'" + value + "'::FLOAT";
      case "d" -> "'" + value + "'::DOUBLE";
      case "day" -> "DATE '" + value + "'";
      case "clock" -> "TIME '" + value + "'";
      case "ts" -> "TIMESTAMP '" + value.toString().replace('T', ' ') + "'";
      case "tstz" -> "TIMESTAMPTZ '" + value.toString().replace('T', ' ').replace("Z", "+00") + "'";
      case "text", "kind" -> DuckTypes.text((String) value).replace("\0", "' || chr(0) || '");
      case "u" -> "'" + value + "'::UUID";
      case "fx", "bin" -> "unhex('" + java.util.HexFormat.of().formatHex((byte[]) value) + "')";
      default -> value.toString();
    };
  }

  private String condition(List<Map<String, @Nullable Object>> rows, int depth) {
    if (depth > 0 && random.nextInt(3) > 0) {
      String left = condition(rows, depth - 1);
      String right = condition(rows, depth - 1);
      return switch (random.nextInt(5)) {
        case 0, 1 -> "(" + left + " AND " + right + ")";
        case 2, 3 -> "(" + left + " OR " + right + ")";
        default -> "NOT (" + left + ")";
      };
    }
    List<String> names = RandomRows.EVERY_TYPE.names();
    String column = names.get(random.nextInt(names.size()));
    if (column.equals("flag")) {
      return List.of("flag", "NOT flag", "flag IS NULL", "flag = false", "flag IS NOT NULL")
          .get(random.nextInt(5));
    }
    String one = literal(column, rows.get(random.nextInt(rows.size())).get(column));
    String other = literal(column, rows.get(random.nextInt(rows.size())).get(column));
    return switch (random.nextInt(12)) {
      case 0 -> column + " = " + one;
      case 1 -> column + " <> " + one;
      case 2 -> column + " < " + one;
      case 3 -> column + " <= " + one;
      case 4 -> column + " > " + one;
      case 5 -> one + " <= " + column;
      case 6 -> column + " BETWEEN " + one + " AND " + other;
      case 7 -> column + " IN (" + one + ", " + other + ")";
      case 8 -> column + " NOT IN (" + one + ", " + other + ")";
      case 9 -> column + " IS NULL";
      case 10 -> column.equals("text") ? "text LIKE 'te%'" : column + " IS NOT NULL";
      default -> column + " IS DISTINCT FROM " + one;
    };
  }

  @Test
  void queriesAnswerAsOverTheFilesThemselves() throws Exception {
    RandomRows rows = new RandomRows(RandomRows.EVERY_TYPE, 5);
    List<Map<String, @Nullable Object>> all = new ArrayList<>();
    Properties plain = new Properties();
    try (Table table = DataShard.createTable(folder.resolve("t"), RandomRows.EVERY_TYPE);
        Connection direct = DuckDBConnection.newConnection("jdbc:duckdb:", false, "", plain);
        Statement statement = direct.createStatement()) {
      for (int i = 0; i < 6; i++) {
        List<Map<String, @Nullable Object>> some = rows.take(80);
        all.addAll(some);
        table.append(some);
      }
      String files;
      try (var dataFiles = table.dataFiles(table.currentSnapshot().orElseThrow())) {
        files =
            dataFiles
                .map(file -> DuckTypes.text(Path.of(URI.create(file.location())).toString()))
                .collect(Collectors.joining(", "));
      }
      statement.execute("SET TimeZone = 'UTC'");
      statement.execute("CREATE VIEW t AS SELECT * FROM read_parquet([" + files + "])");
      int pushed = 0;
      for (int i = 0; i < QUERIES; i++) {
        String query =
            "SELECT id FROM t WHERE " + condition(all, random.nextInt(4)) + " ORDER BY id";
        List<Long> expected = new ArrayList<>();
        try (ResultSet result = statement.executeQuery(query)) {
          while (result.next()) {
            expected.add(result.getLong(1));
          }
        }
        try (SqlRows ours = Sql.over("t", table.scan()).query(query)) {
          assertThat(ours.toMaps().stream().map(row -> (Long) row.get("id")).toList())
              .as("query %d: %s, pushed %s", i, query, ours.pushedFilters())
              .isEqualTo(expected);
          pushed += ours.pushedFilters().get("t") == Predicate.ALWAYS ? 0 : 1;
        }
      }
      System.out.println("Of " + QUERIES + " random queries " + pushed + " had a filter to push.");
      assertThat(pushed).isGreaterThan(QUERIES / 2);
    }
  }
}
