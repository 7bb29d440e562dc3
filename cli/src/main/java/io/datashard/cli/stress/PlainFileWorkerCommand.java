package io.datashard.cli.stress;

import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.Options;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What people do without a table: read the file, add a line, write the file. Two processes that do
 * it at once lose each other's lines, and nobody is told.
 */
public final class PlainFileWorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "stress-plain-file-worker";

  @Override
  protected void declare(Options options) {
    options.parameter("FILE", "");
    options.parameter("JOURNALS", "");
    options.parameter("WORKER", "");
    options.parameter("INCARNATION", "");
    options.parameter("FROM", "");
    options.parameter("COUNT", "");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    Path file = Path.of(args.parameter(0));
    Path journals = Path.of(args.parameter(1));
    int worker = Integer.parseInt(args.parameter(2));
    int incarnation = Integer.parseInt(args.parameter(3));
    int number = Integer.parseInt(args.parameter(4));
    int left = Integer.parseInt(args.parameter(5));
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
