package io.datashard.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
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
    Path csv = Files.writeString(Path.of(table + ".csv"), "a,b\n3,y\n");
    List<List<String>> lines =
        List.of(
            List.of("create", table, "--column", "a long required", "--column", "b string"),
            List.of("append", table, "--batch", "1"),
            List.of("append", table, csv.toString()),
            List.of("count", table),
            List.of("count", table, "--where", "a = 1 and b is not null"),
            List.of("count", table, "--as-of", Long.toString(Long.MAX_VALUE)),
            List.of("scan", table, "--where", "b = 'x'", "--columns", "b,a", "--limit", "1"),
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
      InputStream in = new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8));
      int code =
          Cli.run(line, in, OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
      if (code != OK) {
        throw new FailedException("'" + String.join(" ", line) + "' ended with " + code + ".");
      }
    }
    return OK;
  }
}
