package io.datashard.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.error.DataShardException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.ReadableFile;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.RandomRows;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqlTest {
  private static final Schema TASKS =
      Schema.builder()
          .required("id", Type.LONG)
          .required("owner", Type.STRING)
          .optional("ms", Type.DOUBLE)
          .build();

  @TempDir Path folder;

  /** Counts which data files are opened. */
  private static final class Counting extends ForwardingStorage {
    final Set<ReadableFile> open = java.util.concurrent.ConcurrentHashMap.newKeySet();
    final Set<String> opened = java.util.Collections.synchronizedSet(new TreeSet<>());

    Counting() {
      super(new MemoryStorage());
    }

    @Override
    public ReadableFile open(String key, long length) {
      if (key.startsWith("data/")) {
        opened.add(key);
      }
      ReadableFile file = super.open(key, length);
      open.add(file);
      return (ReadableFile)
          java.lang.reflect.Proxy.newProxyInstance(
              SqlTest.class.getClassLoader(),
              new Class<?>[] {ReadableFile.class},
              (proxy, method, arguments) -> {
                if (method.getName().equals("close")) {
                  open.remove(file);
                }
                try {
                  return method.invoke(file, arguments);
                } catch (java.lang.reflect.InvocationTargetException e) {
                  throw e.getCause();
                }
              });
    }
  }

  static List<String> text(List<Map<String, @Nullable Object>> rows) {
    return rows.stream().map(SqlTest::text).toList();
  }

  private static String text(Map<String, @Nullable Object> row) {
    return row.entrySet().stream()
        .map(e -> e.getKey() + "=" + text(e.getValue()))
        .collect(Collectors.joining(" "));
  }

  private static String text(@Nullable Object value) {
    return value instanceof byte[] bytes ? HexFormat.of().formatHex(bytes) : String.valueOf(value);
  }

  private static List<String> rows(Sql sql, String query) {
    try (SqlRows rows = sql.query(query)) {
      return text(rows.toMaps());
    }
  }

  private Table tasks(int files, int rowsEach) {
    Table table = DataShard.createTable(folder.resolve("tasks"), TASKS);
    for (int f = 0; f < files; f++) {
      table.append(taskRows(f * rowsEach, rowsEach));
    }
    return table;
  }

  private static List<Map<String, Object>> taskRows(int from, int count) {
    List<Map<String, Object>> rows = new ArrayList<>();
    for (int i = from; i < from + count; i++) {
      rows.add(Map.of("id", (long) i, "owner", "o" + i % 3, "ms", i / 2.0));
    }
    return rows;
  }

  @Test
  void everyTypeComesThroughAsTheScanHasIt() {
    for (long seed = 1; seed <= 3; seed++) {
      try (Table table = DataShard.createTable(folder.resolve("t" + seed), RandomRows.EVERY_TYPE)) {
        RandomRows random = new RandomRows(RandomRows.EVERY_TYPE, seed);
        table.append(random.take(2_500));
        table.append(random.take(300));
        assertThat(rows(Sql.over("t", table.scan()), "SELECT * FROM t"))
            .as("seed %d", seed)
            .isEqualTo(text(table.scan().toMaps()));
        assertThat(rows(Sql.over("t", table.scan()).parallel(2), "SELECT * FROM t ORDER BY id"))
            .isEqualTo(text(table.scan().toMaps()));
      }
    }
  }

  @Test
  void theScansFilterColumnsSnapshotAndLimitHold() {
    try (Table table = tasks(2, 100)) {
      long first = table.snapshots().findFirst().orElseThrow().snapshotId();
      Scan scan = table.scan().at(first).where("id >= 50").select("owner", "id").limit(20);
      assertThat(rows(Sql.over("x", scan), "SELECT count(*) n, min(id) a, max(id) b FROM x"))
          .containsExactly("n=20 a=50 b=69");
      // A filter of the query chooses among the rows that the limit left.
      assertThat(rows(Sql.over("x", scan), "SELECT count(*) n FROM x WHERE id >= 60"))
          .containsExactly("n=10");
      assertThatThrownBy(() -> rows(Sql.over("x", scan), "SELECT ms FROM x"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("ms");
    }
  }

  @Test
  void filtersOfTheQueryLeaveFilesClosed() {
    Counting disk = new Counting();
    try (Table table = DataShard.on(l -> disk).createTable("tasks", TASKS)) {
      for (int f = 0; f < 10; f++) {
        table.append(taskRows(f * 1_000, 1_000));
      }
      Map<String, Integer> filesByQuery = new java.util.LinkedHashMap<>();
      filesByQuery.put("SELECT sum(ms) FROM tasks", 10);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE id = 4321", 1);
      filesByQuery.put(
          "SELECT sum(ms) FROM tasks WHERE id BETWEEN 2500 AND 3500 AND owner = 'o1'", 2);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE id IN (5, 9999)", 2);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE id < 1000 OR id >= 9000", 2);
      filesByQuery.put("SELECT sum(ms) FROM (SELECT * FROM tasks) q WHERE 1500 > q.id", 2);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE ms > 4000 AND NOT isnan(ms)", 2);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE ms < 10", 1);
      filesByQuery.put("SELECT sum(ms) FROM tasks WHERE owner LIKE 'x%'", 0);
      filesByQuery.put("SELECT count(*) FROM tasks WHERE id % 7 = 5", 10);
      filesByQuery.put(
          "SELECT count(*) FROM tasks a JOIN tasks b ON a.id = b.id WHERE a.id = 7", 1);
      filesByQuery.put("SELECT count(*) FROM tasks a, tasks b WHERE a.id = 7 AND b.id = 9007", 2);
      filesByQuery.put(
          "WITH q AS (SELECT * FROM tasks WHERE id < 10) SELECT count(*) FROM q WHERE owner = 'o1'",
          1);
      Map<String, Integer> found = new java.util.LinkedHashMap<>();
      for (String query : filesByQuery.keySet()) {
        disk.opened.clear();
        rows(Sql.over("tasks", table.scan()), query);
        found.put(query, disk.opened.size());
      }
      assertThat(found).isEqualTo(filesByQuery);
    }
  }

  @Test
  void storesAreJoined() {
    Schema owners =
        Schema.builder().required("name", Type.STRING).required("team", Type.STRING).build();
    MemoryStorage memory = new MemoryStorage();
    try (Table table = tasks(1, 30);
        Table other = DataShard.on(l -> memory).createTable("owners", owners)) {
      other.append(
          List.of(Map.of("name", "o1", "team", "red"), Map.of("name", "o2", "team", "blue")));
      assertThat(
              rows(
                  Sql.over(table).and("owners", other.scan()),
                  "SELECT team, count(*) n FROM tasks JOIN owners ON owner = name"
                      + " GROUP BY team ORDER BY team"))
          .containsExactly("team=blue n=10", "team=red n=10");
    }
  }

  @Test
  void aQueryReadsOneSnapshotHoweverOftenItNamesTheTable() {
    try (Table table = tasks(1, 10)) {
      Scan pinned = table.scan().pinned();
      table.append(taskRows(10, 10));
      assertThat(pinned.count()).isEqualTo(10);
      assertThat(pinned.toMaps()).hasSize(10);
      assertThat(pinned.countAtMost()).isEqualTo(10);
      try (SqlRows rows =
          Sql.over(table).query("SELECT (SELECT count(*) FROM tasks) a, id FROM tasks")) {
        table.append(taskRows(20, 10));
        List<Map<String, @Nullable Object>> all = rows.toMaps();
        assertThat(all).hasSize(20).allMatch(row -> Long.valueOf(20).equals(row.get("a")));
      }
    }
  }

  @Test
  void anEmptyTableHasNoRowsAndAnEmptyPinStaysEmpty() {
    try (Table table = DataShard.createTable(folder.resolve("tasks"), TASKS)) {
      Scan pinned = table.scan().pinned();
      table.append(taskRows(0, 5));
      assertThat(rows(Sql.over("t", pinned), "SELECT count(*) n FROM t")).containsExactly("n=0");
      assertThat(rows(Sql.over("t", pinned), "SELECT * FROM t")).isEmpty();
    }
  }

  @Test
  void wrongQueriesSayWhatIsWrong() {
    try (Table table = tasks(1, 10)) {
      Sql sql = Sql.over(table);
      assertThatThrownBy(() -> sql.query("SELEC 1"))
          .isInstanceOf(SqlException.class)
          .hasMessageStartingWith("The query failed: ")
          .hasMessageContaining("SELEC");
      assertThatThrownBy(() -> sql.query("SELECT nope FROM tasks"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("nope")
          .hasMessageContaining("owner");
      assertThatThrownBy(() -> sql.query("SELECT * FROM elsewhere"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("elsewhere");
      assertThatThrownBy(() -> sql.query("CREATE TABLE x (a INT)"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("SELECT");
      assertThatThrownBy(() -> sql.and("TASKS", table.scan()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'TASKS'");
      assertThatThrownBy(() -> rows(sql, "SELECT 1e39::HUGEINT"))
          .isInstanceOf(DataShardException.class);
    }
  }

  @Test
  void aScanThatFailsInTheMiddleNamesItsTable() throws Exception {
    try (Table table = tasks(3, 5_000)) {
      List<Path> files;
      try (var data = Files.list(folder.resolve("tasks/data"))) {
        files = data.sorted().toList();
      }
      assertThat(files).hasSize(3);
      for (Path file : files) {
        Files.delete(file);
      }
      assertThatThrownBy(() -> rows(Sql.over(table), "SELECT sum(id) FROM tasks"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("Table 'tasks' could not be read")
          .hasMessageContaining("data/")
          .cause()
          .isInstanceOf(DataShardException.class);
      assertThatThrownBy(
              () -> {
                try (ResultSet result = Sql.over(table).resultSet("SELECT * FROM tasks")) {
                  while (result.next()) {
                    result.getLong(1);
                  }
                } catch (SqlException e) {
                  throw new SQLException(e); // when it begins, it may fail at once
                }
              })
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("Table 'tasks' could not be read");
    }
  }

  @Test
  void closingInTheMiddleClosesEveryFile() throws Exception {
    Counting disk = new Counting();
    try (Table table = DataShard.on(l -> disk).createTable("tasks", TASKS)) {
      for (int f = 0; f < 4; f++) {
        table.append(taskRows(f * 20_000, 20_000));
      }
      for (int threads = 1; threads <= 2; threads++) {
        disk.opened.clear();
        SqlRows rows =
            Sql.over("tasks", table.scan()).parallel(threads).query("SELECT id, owner FROM tasks");
        Iterator<Batch> batches = rows.iterator();
        assertThat(batches.next().rows()).isPositive();
        rows.close();
        assertThat(disk.opened).isNotEmpty();
        assertThat(disk.open).as("%d threads", threads).isEmpty();
      }
      ResultSet result = Sql.over("t", table.scan()).resultSet("SELECT * FROM t");
      assertThat(result.next()).isTrue();
      result.close();
      assertThat(result.isClosed()).isTrue();
      assertThat(disk.open).isEmpty();
    }
  }

  @Test
  void answersHaveOurTypes() {
    try (Table table = tasks(1, 4)) {
      try (SqlRows rows =
          Sql.over(table)
              .query(
                  "SELECT sum(id) s, sum(id) s, avg(ms) a, 1.5::DECIMAL(4,2) d, [1, 2] l,"
                      + " INTERVAL 1 DAY i, count(*) FROM tasks")) {
        assertThat(rows.schema().toString())
            .isEqualTo(
                """
                1: s: optional decimal(38, 0)
                2: s_1: optional decimal(38, 0)
                3: a: optional double
                4: d: optional decimal(4, 2)
                5: l: optional string
                6: i: optional string
                7: count_star(): optional long""");
        Map<String, @Nullable Object> row = rows.toMaps().get(0);
        assertThat(row.get("s")).isEqualTo(new BigDecimal("6"));
        assertThat(row.get("l")).isEqualTo("[1, 2]");
        assertThat(row.get("i")).isEqualTo("1 day");
      }
    }
  }

  @Test
  void oddNamesAndNamesThatDifferByCase() {
    Schema odd =
        Schema.builder().required("a \"b\" 'c'", Type.INT).required("select", Type.STRING).build();
    Schema twice = Schema.builder().required("a", Type.INT).required("A", Type.INT).build();
    try (Table table = DataShard.createTable(folder.resolve("odd t'able"), odd);
        Table other = DataShard.createTable(folder.resolve("twice"), twice)) {
      table.append(List.of(Map.of("a \"b\" 'c'", 1, "select", "x")));
      assertThat(
              rows(Sql.over(table), "SELECT * FROM \"odd t'able\" WHERE \"a \"\"b\"\" 'c'\" = 1"))
          .containsExactly("a \"b\" 'c'=1 select=x");
      assertThatThrownBy(() -> Sql.over(other).query("SELECT 1"))
          .isInstanceOf(SqlException.class)
          .hasMessageContaining("'A'");
      assertThat(rows(Sql.over("t", other.scan().select("A")), "SELECT a FROM t")).isEmpty();
    }
  }
}
