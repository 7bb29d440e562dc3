package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Table;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

/** {@code datashard count}: the bare number. */
final class CountCommand extends Command {
  @Override
  protected void declare(CommandSpec spec) {
    spec.usageMessage().description("Prints how many rows there are, as a bare number.");
    parameter(spec, 0, "LOCATION", "The table's folder or file: URI.");
    ReadOptions.declare(spec);
  }

  @Override
  protected int run(ParseResult args, Console console) {
    ReadOptions what = ReadOptions.of(args);
    try (Table table = DataShard.loadTable(parameterOf(args, 0))) {
      console.out().line(Long.toString(what.scan(table).count()));
    }
    return OK;
  }
}
