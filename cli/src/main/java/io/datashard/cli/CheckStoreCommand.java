package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.table.StoreCheck;

/** {@code datashard check-store}: whether tables can live in a store. */
final class CheckStoreCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Tries what tables need of the store that a location is in: that of many who create one name"
            + " at once one wins, ranged reads, listings, clock, latency. Works in a folder of its own"
            + " below the location, which it removes. Prints what was seen; the exit code is 1 if"
            + " tables cannot be written there.");
    options.parameter(
        "LOCATION", "A folder, file: URI or s3://bucket/key, with or without a table.");
    options.flag("--json", "One JSON object a line.");
  }

  @Override
  protected int run(Args args, Console console) {
    StoreCheck check = DataShard.checkStore(args.parameter(0));
    for (StoreCheck.Finding finding : check.findings()) {
      console
          .out()
          .line(
              args.has("--json")
                  ? Json.object(
                      json -> {
                        json.writeStringField("what", finding.what());
                        json.writeBooleanField("right", finding.isRight());
                        json.writeStringField("seen", finding.seen());
                      })
                  : String.format(
                      "%-5s  %-24s %s",
                      finding.isRight() ? "right" : "WRONG", finding.what(), finding.seen()));
    }
    console.out().flush();
    if (check.isRight()) {
      return OK;
    }
    console.say("Tables cannot be written there.");
    return FAILED;
  }
}
