package io.datashard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code append}: what is taken, what is refused, what is committed before a bad row. */
class AppendTest {
  private static final String[] ALL_TYPES = {
    "b boolean", "i int", "l long", "f float", "d double", "m decimal(38,10)", "day date",
    "t time", "ts timestamp", "tz timestamptz", "s string", "u uuid", "x fixed[2]", "y binary"
  };

  @TempDir private Path folder;

  @Test
  void printsOneJsonLineForTheCommit() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");

    CommandLineRun run = CommandLineRun.withInput("{\"a\":1}\n\n{\"a\":2}", "append", table);

    assertThat(run.out()).matches("\\{\"snapshot_id\":[0-9]+,\"rows\":2,\"version\":2\\}\n");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("2\n");
  }

  @Test
  void whatWasNamedBeforeIsNotAddedAgain() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");
    assertThat(CommandLineRun.outputOf("describe", table)).doesNotContain("sources");

    CommandLineRun first =
        CommandLineRun.withInput("{\"a\":1}", "append", table, "--once", "job:7:42");
    CommandLineRun again =
        CommandLineRun.withInput("{\"a\":1}", "append", table, "--once", "job:7:42");

    assertThat(first.err()).isEmpty();
    assertThat(again.code()).isZero();
    assertThat(again.out()).isEmpty();
    String snapshot = first.out().replaceAll(".*\"snapshot_id\":([0-9]+).*\n", "$1");
    assertThat(again.err())
        .isEqualToNormalizingNewlines(
            "Number 42 of source 'job:7' is in the table already, since version 2, snapshot "
                + snapshot
                + ". Nothing was added for it.\n");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("1\n");
    assertThat(CommandLineRun.outputOf("describe", table))
        .contains("sources    1 are known, 0 were forgotten: appends that come once\n");
    assertThat(CommandLineRun.outputOf("describe", table, "--json"))
        .contains("\"sources\":{\"known\":1,\"forgotten\":0}");
  }

  @Test
  void batchesTakeTheNextNumbersSoAnInterruptedImportIsFinished() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");
    CommandLineRun.withInput(
        "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\nwrong",
        "append",
        table,
        "--once",
        "file:0",
        "--batch",
        2);

    CommandLineRun whole =
        CommandLineRun.withInput(
            "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}",
            "append",
            table,
            "--once",
            "file:0",
            "--batch",
            2);

    assertThat(whole.code()).isZero();
    assertThat(whole.out().lines()).hasSize(2);
    assertThat(whole.err()).startsWith("Number 0 of source 'file' is in the table already");
    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv"))
        .isEqualTo("a\n1\n2\n3\n4\n5\n");
  }

  @Test
  void aNameWithoutNumberIsWrongUsage() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a long");
    for (String name : new String[] {"job", "job:", ":1", "job:x", "job:-1"}) {
      CommandLineRun run = CommandLineRun.withInput("{\"a\":1}", "append", table, "--once", name);
      assertThat(run.code()).as(name).isEqualTo(2);
      assertThat(run.err()).contains("--once must be SOURCE:NUMBER");
    }
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void everyTypeGoesInAndOutAsTheSame() {
    Path table = CommandLineRun.table(folder.resolve("t"), ALL_TYPES);
    List<String> lines =
        List.of(
            "{\"b\":true,\"i\":-2147483648,\"l\":9223372036854775807,\"f\":0.1,\"d\":-0.0,"
                + "\"m\":\"1234567890123456789012345678.0123456789\",\"day\":\"2024-02-29\","
                + "\"t\":\"23:59:59.999999\",\"ts\":\"1969-12-31T23:59:59.999999\","
                + "\"tz\":\"2026-01-01T00:00:00+00:00\",\"s\":\"Zo\u00eb \ud83d\ude00 \\\"q\\\"\\n\","
                + "\"u\":\"f79c3e09-677c-4bbd-a479-3f349cb785e7\",\"x\":\"00ff\",\"y\":\"\"}",
            "{\"b\":false,\"i\":2147483647,\"l\":-9223372036854775808,\"f\":\"NaN\","
                + "\"d\":\"-Infinity\",\"m\":\"-0.0000000001\",\"day\":\"0001-01-01\","
                + "\"t\":\"00:00:00\",\"ts\":\"2017-11-16T22:31:08\","
                + "\"tz\":\"2017-11-16T22:31:08.123456+00:00\",\"s\":\"\","
                + "\"u\":\"00000000-0000-0000-0000-000000000000\",\"x\":\"0000\",\"y\":\"00\"}",
            "{\"b\":null,\"i\":null,\"l\":null,\"f\":null,\"d\":null,\"m\":null,\"day\":null,"
                + "\"t\":null,\"ts\":null,\"tz\":null,\"s\":null,\"u\":null,\"x\":null,\"y\":null}");

    CommandLineRun.append(table, lines.toArray(new String[0]));

    String printed = CommandLineRun.outputOf("scan", table, "--format", "jsonl");
    assertThat(printed.lines()).containsExactlyElementsOf(lines);
    // And what is printed is appended as the same again, in both forms.
    Path second = CommandLineRun.table(folder.resolve("t2"), ALL_TYPES);
    CommandLineRun.withInput(printed, "append", second);
    assertThat(CommandLineRun.outputOf("scan", second, "--format", "jsonl")).isEqualTo(printed);
    Path third = CommandLineRun.table(folder.resolve("t3"), ALL_TYPES);
    String csv = CommandLineRun.outputOf("scan", table, "--format", "csv", "--where", "i < 0");
    CommandLineRun.withInput(csv, "append", third, "--format", "csv");
    // The empty binary is what csv cannot tell from null.
    assertThat(CommandLineRun.outputOf("scan", third, "--format", "jsonl").strip())
        .isEqualTo(lines.get(0).replace("\"y\":\"\"", "\"y\":null"));
  }

  @Test
  void numbersAreTakenDigitByDigit() {
    Path table = CommandLineRun.table(folder.resolve("t"), "l long", "m decimal(20,2)", "d double");

    CommandLineRun.append(
        table, "{\"l\":9007199254740993,\"m\":123456789012345678.90,\"d\":1e300}");

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "jsonl"))
        .isEqualTo("{\"l\":9007199254740993,\"m\":\"123456789012345678.90\",\"d\":1.0E300}\n");
  }

  @Test
  void batchesAreCommittedAndTheRestAtTheEnd() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");

    CommandLineRun run =
        CommandLineRun.withInput(
            "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n{\"a\":5}\n",
            "append",
            table,
            "--batch",
            2);

    assertThat(run.out().lines().map(line -> line.replaceAll("[0-9]{5,}", "ID")))
        .containsExactly(
            "{\"snapshot_id\":ID,\"rows\":2,\"version\":2}",
            "{\"snapshot_id\":ID,\"rows\":2,\"version\":3}",
            "{\"snapshot_id\":ID,\"rows\":1,\"version\":4}");
  }

  @Test
  void lineByLineAsTheyCome() throws Exception {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    LinkedBlockingQueue<String> printed = new LinkedBlockingQueue<>();
    PipedOutputStream input = new PipedOutputStream();
    PipedInputStream in = new PipedInputStream(input);
    CompletableFuture<Integer> code =
        CompletableFuture.supplyAsync(
            () ->
                Cli.run(
                    List.of("append", table.toString(), "--batch", "1"),
                    in,
                    new java.io.OutputStream() {
                      @Override
                      public void write(int oneByte) {
                        throw new UnsupportedOperationException();
                      }

                      @Override
                      public void write(byte[] bytes, int start, int length) {
                        printed.add(new String(bytes, start, length, StandardCharsets.UTF_8));
                      }
                    },
                    java.io.OutputStream.nullOutputStream()));

    input.write("{\"a\":1}\n{\"a\":".getBytes(StandardCharsets.UTF_8));
    input.flush();
    // The first row is committed and told while the second one is still on its way.
    assertThat(printed.poll(60, TimeUnit.SECONDS)).contains("\"rows\":1,\"version\":2");
    input.write("2}".getBytes(StandardCharsets.UTF_8));
    input.close();

    assertThat(code.get(60, TimeUnit.SECONDS)).isZero();
    assertThat(printed.poll(1, TimeUnit.SECONDS)).contains("\"rows\":1,\"version\":3");
  }

  @Test
  void noRowsCommitNothing() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");

    CommandLineRun run = CommandLineRun.withInput("\n  \n", "append", table);

    assertThat(run.code()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEqualToNormalizingNewlines("No rows: nothing was committed.\n");
    assertThat(CommandLineRun.outputOf("snapshots", table, "--json")).isEmpty();
  }

  private void refused(String columns, String line, String message) {
    Path table = folder.resolve("refused");
    if (!Files.exists(table)) {
      CommandLineRun.table(table, columns.split(";"));
    }
    CommandLineRun run = CommandLineRun.withInput(line, "append", table);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).isEmpty();
    assertThat(run.err())
        .startsWith("datashard append: standard input, " + message)
        .endsWith(System.lineSeparator() + "Nothing was committed." + System.lineSeparator());
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void whatDoesNotFitIsRefusedWithLineColumnAndValue() {
    String columns = "n long required;i int;m decimal(4,2);s string;day date;b boolean;d double";
    refused(
        columns,
        "{\"n\":1}\n{\"n\":\"2\"}",
        "line 2, column 'n': long is written as a number, found the string \"2\".");
    refused(columns, "{\"n\":1.5}", "line 1, column 'n': long cannot hold '1.5': ");
    refused(columns, "{\"n\":9223372036854775808}", "line 1, column 'n': long cannot hold ");
    refused(columns, "{\"n\":1,\"i\":2147483648}", "line 1, column 'i': int cannot hold ");
    refused(columns, "{\"n\":1,\"m\":1.234}", "line 1, column 'm': decimal(4, 2) cannot hold ");
    refused(
        columns,
        "{\"n\":1,\"s\":5}",
        "line 1, column 's': string is written as a string, found 5.");
    refused(
        columns,
        "{\"n\":1,\"day\":\"2023-02-29\"}",
        "line 1, column 'day': date cannot hold '2023-02-29': there is no such date.");
    refused(
        columns,
        "{\"n\":1,\"b\":\"true\"}",
        "line 1, column 'b': boolean is written as true or false, found the string \"true\".");
    refused(
        columns,
        "{\"n\":1,\"d\":\"1.5\"}",
        "line 1, column 'd': double is written as a number, \"NaN\", \"Infinity\" or \"-Infinity\","
            + " found the string \"1.5\".");
    refused(
        columns,
        "{\"n\":1,\"s\":{\"x\":1}}",
        "line 1, column 's': string is written as a string, found an object.");
    refused(
        columns,
        "{\"n\":null}",
        "line 1, column 'n': the column is required, the value is null or missing.");
    refused(
        columns,
        "{\"i\":1}",
        "line 1, column 'n': the column is required, the value is null or missing.");
    refused(
        columns,
        "{\"n\":1,\"o\":1}",
        "line 1: there is no column 'o'. Columns: n, i, m, s, day, b, d.");
    refused(columns, "{\"n\":1,\"n\":1}", "line 1, column 'n': the key is there twice.");
    refused(columns, "[{\"n\":1}]", "line 1: expected a JSON object on each line, found a list.");
    refused(columns, "{\"n\":1} {\"n\":2}", "line 1: there is an object behind the object.");
  }

  @Test
  void whatIsNoJsonIsRefused() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int", "s string");
    for (String line : List.of("{\"a\":1", "{'a':1}", "{\"a\":01}", "nonsense", "{\"a\":NaN}")) {
      CommandLineRun run = CommandLineRun.withInput(line, "append", table);
      assertThat(run.err()).startsWith("datashard append: standard input, line 1: not JSON: ");
      assertThat(run.code()).isEqualTo(1);
    }
    assertThat(CommandLineRun.withInput("{\"s\":\"\\ud800\"}", "append", table).err())
        .startsWith(
            "datashard append: standard input, line 1, column 's': string cannot hold the"
                + " lone surrogate U+D800");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void rowsOfEarlierBatchesStayAndTheErrorSaysWhich() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");

    CommandLineRun run =
        CommandLineRun.withInput(
            "{\"a\":1}\n\n{\"a\":2}\n{\"a\":3}\n{\"a\":true}\n", "append", table, "--batch", 2);

    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).containsOnlyOnce("\"rows\":2");
    assertThat(run.err())
        .isEqualToNormalizingNewlines(
            """
            datashard append: standard input, line 5, column 'a': int is written as a number, found true.
            Committed before: 2 rows, up to line 3 of standard input. No row after that was committed.
            """);
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("2\n");
  }

  @Test
  void aLineWithoutEndIsRefused() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "s string");
    Path file = folder.resolve("long.jsonl");
    Files.writeString(file, "{\"s\":\"" + "x".repeat(17 << 20) + "\"}\n");

    CommandLineRun.of("append", table, file)
        .failedWith(
            1,
            "datashard append: "
                + file
                + ", line 1: the line is longer than 16777216 bytes; one row is one line.\nNothing"
                + " was committed.\n");
  }

  @Test
  void textThatIsNotUtf8IsRefused() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "s string");
    Path json =
        Files.write(
            folder.resolve("a.jsonl"),
            new byte[] {'{', '"', 's', '"', ':', '"', (byte) 0xff, '"', '}'});
    Path csv = Files.write(folder.resolve("a.csv"), new byte[] {'s', '\n', (byte) 0xff, '\n'});

    assertThat(CommandLineRun.of("append", table, json).err())
        .contains("line 1: the line is not UTF-8");
    assertThat(CommandLineRun.of("append", table, csv).err()).contains("the file is not UTF-8");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void csvWithHeaderQuotesAndNulls() throws IOException {
    Path table =
        CommandLineRun.table(folder.resolve("t"), "id long required", "s string", "d double");
    Path file =
        Files.writeString(
            folder.resolve("a.csv"),
            "\ufeffs,id\r\n\"a, \"\"b\"\"\nc\",1\r\n,2\r\n\"\",3\r\n\r\nNA,4\r\n");

    CommandLineRun.of("append", table, file);

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "jsonl"))
        .isEqualTo(
            """
            {"id":1,"s":"a, \\"b\\"\\nc","d":null}
            {"id":2,"s":null,"d":null}
            {"id":3,"s":"","d":null}
            {"id":4,"s":"NA","d":null}
            """);
  }

  @Test
  void csvWithANullText() throws IOException {
    Path table =
        CommandLineRun.table(folder.resolve("t"), "s string", "d double", "r string required");
    Path file = Files.writeString(folder.resolve("a.csv"), "s,d,r\nNA,NA,NA\n\"NA\",,\n,1.5,x\n");

    CommandLineRun refused = CommandLineRun.of("append", table, file, "--null", "NA");
    assertThat(refused.err())
        .contains("line 2, column 'r': the column is required, the value is null or missing.");

    Files.writeString(file, "s,d,r\nNA,NA,a\n\"NA\",,\n,1.5,x\n");
    CommandLineRun.of("append", table, file, "--null", "NA");

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "jsonl"))
        .isEqualTo(
            """
            {"s":null,"d":null,"r":"a"}
            {"s":"NA","d":null,"r":""}
            {"s":"","d":1.5,"r":"x"}
            """);
  }

  @Test
  void csvOfOneColumnKeepsItsBlankLines() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    Path file = Files.writeString(folder.resolve("a.csv"), "a\n1\n\n3\n");

    CommandLineRun.outputOf("append", table, file);

    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv")).isEqualTo("a\n1\n\n3\n");
  }

  @Test
  void csvThatDoesNotFitIsRefused() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int required", "b int");
    Path file = folder.resolve("a.csv");
    String start = "datashard append: " + file + ", line ";

    Files.writeString(file, "a,c\n1,2\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "1: the header names 'c', which is no column. Columns: a, b.");
    Files.writeString(file, "a,a\n1,2\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "1: the header names 'a' twice.");
    Files.writeString(file, "b\n1\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "1: the header lacks 'a', which is required.");
    Files.writeString(file, "a,b\n1,2\n1,2,3\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "3: there are 3 fields, the header has 2.");
    Files.writeString(file, "a,b\n1,2\n5\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "3: there are 1 fields, the header has 2.");
    Files.writeString(file, "a,b\n1,x\n");
    assertThat(CommandLineRun.of("append", table, file).err())
        .startsWith(start + "2, column 'b': int cannot hold 'x': it is whole digits");
    Files.writeString(file, "a,b\n1,\"2\n");
    assertThat(CommandLineRun.of("append", table, file).code()).isEqualTo(1);
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void parquetFilesBecomePartOfTheTable() throws IOException {
    Path first = CommandLineRun.table(folder.resolve("t"), "a int", "s string");
    CommandLineRun.append(first, "{\"a\":1,\"s\":\"x\"}", "{\"a\":2}");
    Path file;
    try (var files = Files.walk(first.resolve("data"))) {
      file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
    }
    Path second = CommandLineRun.table(folder.resolve("t2"), "a int", "s string");

    CommandLineRun run = CommandLineRun.of("append", second, file, "--batch", 1);

    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains("\"rows\":2,\"version\":2");
    assertThat(CommandLineRun.outputOf("scan", second))
        .isEqualTo(CommandLineRun.outputOf("scan", first));
    CommandLineRun wrong =
        CommandLineRun.of("append", CommandLineRun.table(folder.resolve("t3"), "a date"), file);
    assertThat(wrong.code()).isEqualTo(1);
    assertThat(wrong.err()).contains("Nothing was committed.");
  }

  @Test
  void severalFilesAreOneCommit() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    Path json = Files.writeString(folder.resolve("a.jsonl"), "{\"a\":1}\n");
    Path csv = Files.writeString(folder.resolve("b.csv"), "a\n2\n");

    CommandLineRun run = CommandLineRun.withInput("{\"a\":3}", "append", table, json, csv, "-");

    assertThat(run.out()).containsOnlyOnce("\"rows\":3,\"version\":2");
    assertThat(CommandLineRun.outputOf("scan", table, "--format", "csv")).isEqualTo("a\n1\n2\n3\n");
  }

  @Test
  void aMissingFileIsFoundBeforeAnythingIsAppended() throws IOException {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    Path json = Files.writeString(folder.resolve("a.jsonl"), "{\"a\":1}\n");
    Path none = folder.resolve("none.jsonl");

    CommandLineRun.of("append", table, json, none)
        .failedWith(1, "datashard append: " + none + " is not there. Nothing was committed.\n");
    assertThat(CommandLineRun.outputOf("count", table)).isEqualTo("0\n");
  }

  @Test
  void anAppendWhoseOutputIsClosedSaysWhatItDid() {
    Path table = CommandLineRun.table(folder.resolve("t"), "a int");
    java.io.ByteArrayOutputStream err = new java.io.ByteArrayOutputStream();

    int code =
        Cli.run(
            List.of("append", table.toString(), "--batch", "1"),
            new java.io.ByteArrayInputStream(
                "{\"a\":1}\n{\"a\":2}\n".getBytes(StandardCharsets.UTF_8)),
            new java.io.OutputStream() {
              @Override
              public void write(int oneByte) throws IOException {
                throw new IOException("Broken pipe");
              }
            },
            err);

    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .isEqualToNormalizingNewlines(
            """
            datashard append: nobody reads the output any more, so appending has ended.
            Committed before: 1 row, up to line 1 of standard input. No row after that was committed.
            """);
  }
}
