package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Main;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines that the README and {@code datashard describe} give for other engines run as given. */
@NeedsPython
class LinesToCopyTest {
  private static final String HEADING = "## Read the table with something else";

  /** DuckDB fetches its extension, which the tests have in a package of its own. */
  private static final String DUCKDB_INSTALL = "INSTALL iceberg; LOAD iceberg; ";

  @TempDir private Path folder;

  private Path location = Path.of("");

  @BeforeEach
  void create() {
    location = folder.resolve("it's tasks");
    Schema schema =
        Schema.builder()
            .required("task_id", Type.STRING)
            .required("duration_ms", Type.LONG)
            .build();
    try (Table table = DataShard.createTable(location, schema)) {
      table.append(List.of(Map.of("task_id", "t1", "duration_ms", 150L)));
      table.append(List.of(Map.of("task_id", "t2", "duration_ms", 90L)));
    }
  }

  @Test
  void theReadmesLinesRun() throws Exception {
    String readme = Files.readString(PythonEnv.MODULE.toAbsolutePath().resolveSibling("README.md"));
    String part = readme.substring(readme.indexOf(HEADING));
    String python = between(part, "```python\n", "```");
    String sql = between(part, "```sql\n", "```");
    String at = location.toString();
    assertThat(rowsSeen(python.replace("/tmp/tasks", at) + "\nprint(len(df))")).isEqualTo("2");
    assertThat(python.lines().filter(line -> line.contains("df = "))).hasSize(2);
    String pandas = python.lines().filter(l -> l.contains("to_pandas")).findFirst().orElseThrow();
    assertThat(rowsSeen(pandas.replace("/tmp/tasks", at) + "\nprint(len(df))")).isEqualTo("2");
    assertThat(rowsSeen(duckdb(sql.strip().replace("/tmp/tasks", at.replace("'", "''")))))
        .isEqualTo("2");
  }

  @Test
  void theLinesOfDescribeRun() throws Exception {
    JsonNode lines = new ObjectMapper().readTree(cli("describe", location.toString(), "--json"));
    JsonNode open = lines.path("open_with");
    assertThat(open.size()).isEqualTo(6);
    for (String engine : List.of("pyiceberg", "polars", "duckdb")) {
      for (String key : List.of(engine, engine + "_folder")) {
        String line = open.path(key).asText();
        String script = engine.equals("duckdb") ? duckdb(line) : line + "\nprint(len(df))";
        assertThat(rowsSeen(script)).as(line).isEqualTo("2");
      }
    }
  }

  private static String duckdb(String sql) {
    assertThat(sql).startsWith(DUCKDB_INSTALL);
    String query = sql.substring(DUCKDB_INSTALL.length());
    return "import sys; sys.path.insert(0, '"
        + PythonEnv.SOURCES
        + "')\nimport readers\nprint(len(readers.duck().sql(\"\"\""
        + query
        + "\"\"\").fetchall()))";
  }

  private static String between(String text, String from, String to) {
    int start = text.indexOf(from);
    assertThat(start).as(from).isNotNegative();
    start += from.length();
    return text.substring(start, text.indexOf(to, start));
  }

  /** What the script prints. */
  private String rowsSeen(String script) throws Exception {
    Path python = Objects.requireNonNull(PythonEnv.get().python());
    return run(List.of(python.toString(), "-B", "-c", script)).strip();
  }

  private String cli(String... words) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(words));
    return run(command);
  }

  private String run(List<String> command) throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(Files.readString(errors)).isZero();
    return said;
  }
}
