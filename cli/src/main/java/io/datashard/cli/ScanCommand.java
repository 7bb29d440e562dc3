package io.datashard.cli;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import java.io.IOException;

/** {@code datashard scan}: rows to standard output, in bounded memory. */
final class ScanCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Prints rows.%n%nIn jsonl, decimals are strings, so that no reader makes doubles of them;"
            + " so are NaN, Infinity and -Infinity. In csv, null is an empty field and the empty"
            + " string is \"\". The form table cuts long values and is for people only. arrow is an Arrow IPC stream,"
            + " which pandas, Polars and pyarrow read; parquet is one Parquet file.%n");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declare(options);
    RowFormat.declare(options);
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
  protected int run(Args args, Console console) throws IOException {
    ReadOptions what = ReadOptions.of(args);
    RowFormat format = RowFormat.of(args, console);
    if (args.has("--explain")) {
      return explain(args, what, format, console);
    }
    if (args.has("--follow")) {
      return FollowedRows.print(args, what, format, console);
    }
    if (args.text("--position") != null || args.numberOrNull("--idle") != null) {
      throw new UsageException("--position and --idle belong to --follow.");
    }
    try (Table table = DataShard.loadTable(args.parameter(0));
        RowOutput output = RowOutput.of(args, console);
        Batches batches = batches(what.scan(table), format)) {
      format.print(batches.schema(), batches, output, console);
    }
    return OK;
  }

  private static int explain(Args args, ReadOptions what, RowFormat format, Console console) {
    if (args.has("--follow")) {
      throw new UsageException("--explain and --follow exclude each other.");
    }
    boolean isAsked = args.text("--format") != null;
    if (isAsked && format != RowFormat.JSONL || args.text(RowOutput.OPTION) != null) {
      throw new UsageException(
          "--explain prints text, or with --format jsonl one JSON object, to standard output.");
    }
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      Explained.print(what.scan(table).explain(), isAsked, console);
    }
    return OK;
  }

  private static Batches batches(Scan scan, RowFormat format) {
    return format.isBinary() ? scan.batches() : scan.batches(Scan.BATCH_ROWS_DEFAULT);
  }
}
