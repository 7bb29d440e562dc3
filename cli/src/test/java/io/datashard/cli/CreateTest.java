package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code create}: what it makes, what it finds, what it refuses. */
class CreateTest {
  @TempDir private Path folder;

  @Test
  void printsOneJsonLine() {
    Path table = folder.resolve("t");

    String line =
        CommandLineRun.outputOf(
            "create", table, "--column", "user_id long required", "--column", "note string");

    assertThat(line)
        .matches(
            "\\{\"location\":\"file://\\Q"
                + table.toAbsolutePath()
                + "\\E\",\"created\":true,\"version\":1,\"uuid\":\"[0-9a-f-]{36}\",\"schema\":"
                + "\\{\"type\":\"struct\",\"schema-id\":0,\"fields\":\\["
                + "\\{\"id\":1,\"name\":\"user_id\",\"required\":true,\"type\":\"long\"\\},"
                + "\\{\"id\":2,\"name\":\"note\",\"required\":false,\"type\":\"string\"\\}\\]\\},"
                + "\"partitioned_by\":\"unpartitioned\",\"sorted_by\":\"unsorted\"\\}\n");
  }

  @Test
  void theSameAgainOpensTheTable() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");

    assertThat(CommandLineRun.outputOf("create", table, "--column", "a long"))
        .contains("\"created\":false");
  }

  @Test
  void otherColumnsAreAnErrorNamingBoth() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");

    CommandLineRun run = CommandLineRun.of("create", table, "--column", "a int");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).contains("a: optional int").contains("a: optional long");
  }

  @Test
  void mustBeNewRefusesTheSame() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");

    CommandLineRun run = CommandLineRun.of("create", table, "--column", "a long", "--must-be-new");

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("datashard create: There is a table at ");
  }

  @Test
  void schemaFromAFileKeepsItsIds() throws IOException {
    Path schema =
        Files.writeString(
            folder.resolve("schema.json"),
            """
            {"type": "struct", "fields": [
              {"id": 7, "name": "when", "required": true, "type": "timestamptz"},
              {"id": 3, "name": "sum", "required": false, "type": "decimal(9,2)"}]}
            """);

    String line = CommandLineRun.outputOf("create", folder.resolve("t"), "--schema", schema);

    assertThat(line)
        .contains("{\"id\":7,\"name\":\"when\",\"required\":true,\"type\":\"timestamptz\"}")
        .contains("{\"id\":3,\"name\":\"sum\",\"required\":false,\"type\":\"decimal(9, 2)\"}");
  }

  @Test
  void aSchemaFileThatIsNoneIsNamed() throws IOException {
    Path schema = Files.writeString(folder.resolve("schema.json"), "{\"fields\":");

    CommandLineRun run = CommandLineRun.of("create", folder.resolve("t"), "--schema", schema);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err()).startsWith("datashard create: " + schema + ": Not schema JSON");
    assertThat(folder.resolve("t")).doesNotExist();
    assertThat(
            CommandLineRun.of("create", folder.resolve("t"), "--schema", folder.resolve("no.json"))
                .err())
        .isEqualToNormalizingNewlines(
            "datashard create: there is no file " + folder.resolve("no.json") + "\n");
  }

  @Test
  void columnsInAllTheirForms() {
    assertThat(
            ColumnText.schema(
                    java.util.List.of(
                        "a long required",
                        "  first name   string  ",
                        "price decimal(9, 2) REQUIRED",
                        "p2 decimal( 38 ,10 )",
                        "hash fixed[16] optional",
                        "required boolean",
                        "id uuid required"))
                .toString())
        .isEqualTo(
            """
            1: a: required long
            2: first name: optional string
            3: price: required decimal(9, 2)
            4: p2: optional decimal(38, 10)
            5: hash: optional fixed[16]
            6: required: optional boolean
            7: id: required uuid""");
  }

  @Test
  void columnsThatAreNone() {
    CommandLineRun.of("create", folder.resolve("t"), "--column", "a lon")
        .failedWith(
            2,
            """
            datashard create: --column 'a lon': Unknown type 'lon'. Known: boolean, int, long, float,\
             double, decimal(P,S), date, time, timestamp, timestamptz, string, uuid, fixed[L], binary.
            Try 'datashard create --help'.
            """);
    CommandLineRun.of("create", folder.resolve("t"), "--column", "a")
        .failedWith(
            2,
            """
            datashard create: --column 'a' must be "NAME TYPE" or "NAME TYPE required".
            Try 'datashard create --help'.
            """);
    CommandLineRun.of("create", folder.resolve("t"), "--column", "a int", "--column", "a int")
        .failedWith(
            2,
            """
            datashard create: --column: Two columns are named 'a'.
            Try 'datashard create --help'.
            """);
    CommandLineRun.of("create", folder.resolve("t"))
        .failedWith(
            2,
            """
            datashard create: the columns are missing: give --schema FILE.json, or --column "NAME TYPE\
             [required]" for each.
            Try 'datashard create --help'.
            """);
    assertThat(folder.resolve("t")).doesNotExist();
  }

  @Test
  void propertiesAreSetAndChecked() {
    Path table = folder.resolve("t");
    CommandLineRun.outputOf(
        "create",
        table,
        "--column",
        "a int",
        "--property",
        "owner=me=you",
        "--property",
        "write.parquet.compression-codec=snappy");

    assertThat(CommandLineRun.outputOf("describe", table))
        .contains("owner = me=you\n")
        .contains("write.parquet.compression-codec = snappy\n");

    CommandLineRun unknown =
        CommandLineRun.of(
            "create", folder.resolve("u"), "--column", "a int", "--property", "datashard.x=1");
    assertThat(unknown.code()).isEqualTo(1);
    assertThat(unknown.err()).startsWith("datashard create: Unknown property 'datashard.x'.");
    assertThat(folder.resolve("u")).doesNotExist();
    assertThat(
            CommandLineRun.of("create", folder.resolve("u"), "--column", "a int", "--property", "x")
                .code())
        .isEqualTo(2);
  }
}
