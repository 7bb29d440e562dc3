package io.datashard.cli.stress;

import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Table;
import io.datashard.cli.Args;
import io.datashard.cli.Command;
import io.datashard.cli.Console;
import io.datashard.cli.FailedException;
import io.datashard.cli.Json;
import io.datashard.cli.Options;
import java.io.IOException;
import java.nio.file.Path;

/** A process that had no part in the stress: holds the journals against the table. */
public final class CheckCommand extends Command {
  /** How it is started. */
  public static final String NAME = "stress-check";

  @Override
  protected void declare(Options options) {
    options.parameter("LOCATION", "");
    options.parameter("JOURNALS", "");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    Path journals = Path.of(args.parameter(1));
    Comparison.Builder compared =
        new Comparison.Builder(
            Journal.read(journals, Journal.SENT), Journal.read(journals, Journal.ACKED));
    try (Table table = DataShard.loadTable(args.parameter(0));
        RowCursor rows = table.scan().rows()) {
      long read = 0;
      while (rows.next()) {
        read++;
        String id = String.valueOf(rows.getString("id"));
        boolean whole = id.equals(StressTable.id(rows.getInt("worker"), rows.getInt("number")));
        compared.row(id, whole);
      }
      long counted = table.scan().count();
      if (counted != read) {
        throw new FailedException(
            "A scan of "
                + table.location()
                + " reads "
                + read
                + " rows, the count says "
                + counted
                + ".");
      }
    }
    console.out().line(Json.object(compared.build()::write));
    return OK;
  }
}
