package io.datashard.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs the short commands once on a table of its own, so that the JVM sees which classes they need:
 * the launcher makes its class data sharing archive of them.
 */
final class RehearseCommand extends Command {
  static final String NAME = "rehearse";

  @Override
  protected void declare(Options options) {
    options.parameter("FOLDER", "Where to make the table; must not exist.");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    String table = args.parameter(0);
    String rows = "{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":null}\n";
    String more = many();
    Path csv = Files.writeString(Path.of(table + ".csv"), "a,b\n3,y\n");
    List<List<String>> lines =
        List.of(
            create(table),
            List.of("append", table),
            List.of("append", table, "--batch", "1"),
            List.of("append", table, csv.toString()),
            List.of("count", table),
            List.of("count", table, "--where", "a = 1 and b is not null"),
            List.of("count", table, "--as-of", Long.toString(Long.MAX_VALUE)),
            List.of("scan", table, "--where", "b = 'x'", "--columns", "b,a", "--limit", "1"),
            List.of("scan", table, "--where", "a >= 400 and a < 410"),
            List.of("scan", table, "--where", "t > '2026-01-01T00:05:00Z' and v <= 300 or b = 'x'"),
            List.of("scan", table, "--where", "a in (7, 8) or b like 'name 7%'", "--limit", "20"),
            List.of("scan", table, "--format", "csv"),
            List.of("scan", table, "--format", "table"),
            List.of("summary", table),
            List.of("summary", table, "--where", "a > 1", "--json"),
            List.of("snapshots", table),
            List.of("snapshots", table, "--json"),
            List.of("describe", table),
            List.of("describe", table, "--json"),
            List.of("files", table),
            List.of("files", table, "--json"),
            List.of("export", table),
            List.of("verify", table),
            List.of("clean", table),
            List.of("count", "--help"));
    for (List<String> line : lines) {
      String given = line.contains("--batch") ? rows : more;
      InputStream in = new ByteArrayInputStream(given.getBytes(StandardCharsets.UTF_8));
      int code =
          Cli.run(line, in, OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
      if (code != OK) {
        throw new FailedException("'" + String.join(" ", line) + "' ended with " + code + ".");
      }
    }
    return OK;
  }

  private static List<String> create(String table) {
    List<String> words = new ArrayList<>(List.of("create", table));
    for (String column : List.of("a long required", "b string", "v double", "t timestamptz")) {
      words.addAll(List.of("--column", column));
    }
    return words;
  }

  /** So many rows that pages are compressed and filters decide about each row. */
  private static String many() {
    StringBuilder rows = new StringBuilder();
    for (int i = 0; i < 1_000; i++) {
      String time = Instant.ofEpochSecond(1_767_225_600L + i).toString();
      rows.append(
          "{\"a\":%d,\"b\":\"name %d\",\"v\":%s,\"t\":\"%s\"}\n".formatted(i, i, i / 8.0, time));
    }
    return rows.toString();
  }
}
