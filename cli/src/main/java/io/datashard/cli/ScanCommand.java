package io.datashard.cli;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.cli.rows.RowPrinter;
import io.datashard.data.Batch;
import java.util.Locale;

/** {@code datashard scan}: rows to standard output, in bounded memory. */
final class ScanCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Prints rows.%n%nIn jsonl, decimals are strings, so that no reader makes doubles of them;"
            + " so are NaN, Infinity and -Infinity. In csv, null is an empty field and the empty"
            + " string is \"\". The form table cuts long values and is for people only.%n");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declare(options);
    options.text(
        "--format", "FORMAT", "jsonl, csv or table. Default: table on a terminal, else jsonl.");
    options.flag(
        "--explain",
        "Prints no rows but what the scan would read and what it leaves out, and why: files, row"
            + " groups, pages, bytes. With --format jsonl one JSON object.");
    options.flag(
        "--follow",
        "Then prints rows as they are appended, each once, until it is stopped. jsonl or csv.");
    options.text(
        "--position",
        "FILE",
        "With --follow: begins where this file says, if it is there, and keeps in it up to where"
            + " rows were printed. Whoever stops and begins anew misses none; after kill -9 the last"
            + " ones may come again.");
    options.number(
        "--idle", "SECONDS", "With --follow: ends when nothing was appended for so long.");
  }

  @Override
  protected int run(Args args, Console console) {
    ReadOptions what = ReadOptions.of(args);
    RowPrinter.Format format = format(args, console);
    if (args.has("--explain") && args.has("--follow")) {
      throw new UsageException("--explain and --follow exclude each other.");
    }
    if (args.has("--follow")) {
      return FollowedRows.print(args, what, format, console);
    }
    if (args.text("--position") != null || args.numberOrNull("--idle") != null) {
      throw new UsageException("--position and --idle belong to --follow.");
    }
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      Scan scan = what.scan(table);
      if (args.has("--explain")) {
        boolean asJson = args.text("--format") != null && format == RowPrinter.Format.JSONL;
        Explained.print(scan.explain(), asJson, console);
        return OK;
      }
      try (Batches batches = scan.batches(Scan.BATCH_ROWS_DEFAULT)) {
        RowPrinter printer = RowPrinter.of(format, batches.schema(), console.out());
        long rows = 0;
        for (Batch batch : batches) {
          printer.print(batch);
          rows += batch.rows();
        }
        printer.end();
        if (format == RowPrinter.Format.TABLE) {
          console.out().flush();
          console.say(rows == 1 ? "1 row" : String.format(Locale.ROOT, "%,d rows", rows));
        }
      }
    }
    return OK;
  }

  private static RowPrinter.Format format(Args args, Console console) {
    String name = args.text("--format");
    if (name == null) {
      return console.outIsTerminal() ? RowPrinter.Format.TABLE : RowPrinter.Format.JSONL;
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "jsonl", "json" -> RowPrinter.Format.JSONL;
      case "csv" -> RowPrinter.Format.CSV;
      case "table" -> RowPrinter.Format.TABLE;
      default ->
          throw new UsageException("--format must be jsonl, csv or table, got '" + name + "'.");
    };
  }
}
