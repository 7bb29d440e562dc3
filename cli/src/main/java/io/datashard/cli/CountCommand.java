package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Table;

/** {@code datashard count}: the bare number. */
final class CountCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about("Prints how many rows there are, as a bare number.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declare(options);
  }

  @Override
  protected int run(Args args, Console console) {
    ReadOptions what = ReadOptions.of(args);
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      console.out().line(Long.toString(what.scan(table).count()));
    }
    return OK;
  }
}
