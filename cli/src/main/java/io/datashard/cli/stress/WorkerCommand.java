package io.datashard.cli.stress;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.Options;
import io.datashard.error.OutcomeUnknownException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** One process of the stress test: appends row after row, and writes down what it was told. */
public final class WorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "stress-worker";

  @Override
  protected void declare(Options options) {
    options.parameter("LOCATION", "");
    options.parameter("JOURNALS", "");
    options.parameter("WORKER", "");
    options.parameter("INCARNATION", "");
    options.parameter("FROM", "");
    options.parameter("COUNT", "");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    Path journals = Path.of(args.parameter(1));
    int worker = Integer.parseInt(args.parameter(2));
    int incarnation = Integer.parseInt(args.parameter(3));
    int number = Integer.parseInt(args.parameter(4));
    int left = Integer.parseInt(args.parameter(5));
    try (Table table = DataShard.loadTable(args.parameter(0));
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
