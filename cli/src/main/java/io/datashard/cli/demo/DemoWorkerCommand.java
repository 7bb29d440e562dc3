package io.datashard.cli.demo;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import java.util.List;
import java.util.Random;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** One worker of the demo's workflow engine: logs each task the moment it ends. */
public final class DemoWorkerCommand extends Command {
  /** How it is started. */
  public static final String NAME = "demo-worker";

  static final String OUTAGE = "outage";

  @Override
  protected void declare(CommandSpec spec) {
    parameter(spec, 0, "LOCATION", "");
    parameter(spec, 1, "WORKER", "");
    parameter(spec, 2, "TASKS", "");
    parameter(spec, 3, "WEATHER", "");
  }

  @Override
  protected int run(ParseResult args, Console console) {
    String worker = parameterOf(args, 1);
    int tasks = Integer.parseInt(parameterOf(args, 2));
    boolean outage = parameterOf(args, 3).equals(OUTAGE);
    Random random = new Random(worker.hashCode());
    try (Table table = DataShard.loadTable(parameterOf(args, 0))) {
      for (int number = 1; number <= tasks; number++) {
        table.append(List.of(DemoTable.task(worker, number, outage, random)));
      }
    }
    return OK;
  }
}
