package io.datashard.cli.demo;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.Options;
import java.util.List;
import java.util.Random;

/** One worker of the demo's workflow engine: logs each task the moment it ends. */
public final class DemoWorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "demo-worker";

  static final String OUTAGE = "outage";

  @Override
  protected void declare(Options options) {
    options.parameter("LOCATION", "");
    options.parameter("WORKER", "");
    options.parameter("TASKS", "");
    options.parameter("WEATHER", "");
  }

  @Override
  protected int run(Args args, Console console) {
    String worker = args.parameter(1);
    int tasks = Integer.parseInt(args.parameter(2));
    boolean outage = args.parameter(3).equals(OUTAGE);
    Random random = new Random(worker.hashCode());
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      for (int number = 1; number <= tasks; number++) {
        table.append(List.of(DemoTable.task(worker, number, outage, random)));
      }
    }
    return OK;
  }
}
