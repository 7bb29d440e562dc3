package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code sql}. */
class SqlTest {
  @TempDir private Path folder;
  private Path tasks;
  private Path owners;

  @BeforeEach
  void twoTables() {
    tasks = CommandLineRun.table(folder.resolve("tasks"), "id long required", "owner string");
    owners = CommandLineRun.table(folder.resolve("own-ers"), "name string", "team string");
    CommandLineRun.append(tasks, "{\"id\":1,\"owner\":\"a\"}", "{\"id\":2,\"owner\":\"b\"}");
    CommandLineRun.append(tasks, "{\"id\":3,\"owner\":\"a\"}");
    CommandLineRun.append(owners, "{\"name\":\"a\",\"team\":\"red\"}");
  }

  @Test
  void tablesAreJoined() {
    assertThat(
            CommandLineRun.outputOf(
                "sql",
                tasks,
                "o=" + owners,
                "SELECT team, count(*) n FROM tasks JOIN o ON owner = name GROUP BY ALL"))
        .isEqualTo("{\"team\":\"red\",\"n\":2}\n");
    assertThat(
            CommandLineRun.outputOf("sql", owners, "SELECT * FROM \"own-ers\"", "--format", "csv"))
        .isEqualTo("name,team\na,red\n");
  }

  @Test
  void anOlderSnapshotAndAllFormats() throws Exception {
    String first =
        CommandLineRun.outputOf("snapshots", tasks, "--json")
            .lines()
            .findFirst()
            .orElseThrow()
            .replaceAll(".*\"snapshot_id\":([0-9]+).*", "$1");
    assertThat(
            CommandLineRun.outputOf(
                "sql", tasks, "SELECT sum(id) s FROM tasks", "--snapshot", first))
        .isEqualTo("{\"s\":\"3\"}\n");
    Path file = folder.resolve("answer.parquet");
    CommandLineRun.outputOf("sql", tasks, "SELECT id, owner FROM tasks", "--output", file);
    assertThat(CommandLineRun.outputOf("append", tasks, file)).contains("\"rows\":3");
    Path stream = folder.resolve("answer.arrow");
    CommandLineRun.outputOf(
        "sql", tasks, "SELECT 10 + id AS id FROM tasks ORDER BY 1", "--output", stream);
    assertThat(CommandLineRun.outputOf("append", tasks, stream)).contains("\"rows\":6");
    assertThat(Files.size(stream)).isPositive();
    assertThat(CommandLineRun.outputOf("count", tasks)).isEqualTo("12\n");
  }

  @Test
  void whatIsWrongIsSaid() {
    CommandLineRun run = CommandLineRun.of("sql", tasks, "SELECT nope FROM tasks");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("datashard sql: The query failed: ").contains("nope");
    assertThat(CommandLineRun.of("sql", tasks).code()).isEqualTo(2);
    assertThat(CommandLineRun.of("sql", tasks, tasks, "SELECT 1").err())
        .contains("Two tables are called 'tasks'")
        .contains("NAME=LOCATION");
    assertThat(CommandLineRun.of("sql", tasks, owners, "SELECT 1", "--snapshot", "123456").code())
        .isEqualTo(2);
  }

  @Test
  void theLineForDuckDbItself() {
    assertThat(CommandLineRun.outputOf("sql", "--print-iceberg-scan", tasks))
        .isEqualTo(
            "INSTALL iceberg; LOAD iceberg; SELECT * FROM iceberg_scan('"
                + tasks.toAbsolutePath()
                + "');\n");
  }
}
