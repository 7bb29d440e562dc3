package io.datashard.cli.stress;

import io.datashard.cli.Command;
import io.datashard.cli.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/**
 * What people do without a table: read the file, add a line, write the file. Two processes that do
 * it at once lose each other's lines, and nobody is told.
 */
public final class PlainFileWorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "stress-plain-file-worker";

  @Override
  protected void declare(CommandSpec spec) {
    parameter(spec, 0, "FILE", "");
    parameter(spec, 1, "JOURNALS", "");
    parameter(spec, 2, "WORKER", "");
    parameter(spec, 3, "INCARNATION", "");
    parameter(spec, 4, "FROM", "");
    parameter(spec, 5, "COUNT", "");
  }

  @Override
  protected int run(ParseResult args, Console console) throws IOException {
    Path file = Path.of(parameterOf(args, 0));
    Path journals = Path.of(parameterOf(args, 1));
    int worker = Integer.parseInt(parameterOf(args, 2));
    int incarnation = Integer.parseInt(parameterOf(args, 3));
    int number = Integer.parseInt(parameterOf(args, 4));
    int left = Integer.parseInt(parameterOf(args, 5));
    try (Journal acked = Journal.create(journals, worker, incarnation, Journal.ACKED)) {
      Signals.awaitStart(console);
      for (; left > 0; number++) {
        String id = StressTable.id(worker, number);
        long start = System.nanoTime();
        String before = Files.readString(file, StandardCharsets.ISO_8859_1);
        Files.writeString(file, before + id + "\n", StandardCharsets.ISO_8859_1);
        acked.write(id, (System.nanoTime() - start) / 1e6);
        left--;
        Signals.done(console);
      }
    }
    return OK;
  }
}
