package io.datashard.cli.stress;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.error.OutcomeUnknownException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One process of the stress test: appends row after row, and writes down what it was told. */
public final class WorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "stress-worker";

  @Override
  protected void declare(CommandSpec spec) {
    parameter(spec, 0, "LOCATION", "");
    parameter(spec, 1, "JOURNALS", "");
    parameter(spec, 2, "WORKER", "");
    parameter(spec, 3, "INCARNATION", "");
    parameter(spec, 4, "FROM", "");
    parameter(spec, 5, "COUNT", "");
  }

  @Override
  protected int run(ParseResult args, Console console) throws IOException {
    Path journals = Path.of(parameterOf(args, 1));
    int worker = Integer.parseInt(parameterOf(args, 2));
    int incarnation = Integer.parseInt(parameterOf(args, 3));
    int number = Integer.parseInt(parameterOf(args, 4));
    int left = Integer.parseInt(parameterOf(args, 5));
    try (Table table = DataShard.loadTable(parameterOf(args, 0));
        Journal sent = Journal.create(journals, worker, incarnation, Journal.SENT);
        Journal acked = Journal.create(journals, worker, incarnation, Journal.ACKED)) {
      Signals.awaitStart(console);
      for (; left > 0; number++) {
        String id = StressTable.id(worker, number);
        sent.write(id, 0);
        long start = System.nanoTime();
        try {
          table.append(List.of(StressTable.row(worker, number)));
        } catch (OutcomeUnknownException e) {
          continue; // sent, not acknowledged: the row may be there or not
        }
        acked.write(id, (System.nanoTime() - start) / 1e6);
        left--;
        Signals.done(console);
      }
    }
    return OK;
  }
}
