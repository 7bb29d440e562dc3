package io.datashard.cli;

import io.datashard.ParquetOutput;
import io.datashard.arrow.ArrowIpc;
import io.datashard.cli.rows.RowPrinter;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A form in which rows are printed. */
enum RowFormat {
  JSONL,
  CSV,
  TABLE,
  ARROW,
  PARQUET;

  /** Declares the options that say form and place. */
  static void declare(Options options) {
    options.text(
        "--format",
        "FORMAT",
        "jsonl, csv, table, arrow or parquet. Default: by the ending of --output's file (.csv,"
            + " .arrow, .arrows, .parquet); table on a terminal; else jsonl.");
    RowOutput.declare(options);
  }

  /**
   * What was asked for.
   *
   * @throws UsageException it is no form, or would garble a terminal
   */
  static RowFormat of(Args args, Console console) {
    String file = args.text(RowOutput.OPTION);
    String name = args.text("--format");
    RowFormat format =
        name != null
            ? named(name)
            : file != null
                ? byEnding(file)
                : console.outIsTerminal() ? RowFormat.TABLE : RowFormat.JSONL;
    if (format.isBinary() && file == null && console.outIsTerminal()) {
      throw new UsageException(
          "this form is no text for a terminal: redirect it, or give --output FILE.");
    }
    return format;
  }

  private static RowFormat named(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "jsonl", "json" -> JSONL;
      case "csv" -> CSV;
      case "table" -> TABLE;
      case "arrow" -> ARROW;
      case "parquet" -> PARQUET;
      default ->
          throw new UsageException(
              "--format must be jsonl, csv, table, arrow or parquet, got '" + name + "'.");
    };
  }

  private static RowFormat byEnding(String file) {
    String lower = file.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".arrow") || lower.endsWith(".arrows")) {
      return ARROW;
    }
    return lower.endsWith(".parquet") ? PARQUET : lower.endsWith(".csv") ? CSV : JSONL;
  }

  /** Whether it is no text. */
  boolean isBinary() {
    return this == ARROW || this == PARQUET;
  }

  /** The printer of a form that can go on for ever, line by line; null for the others. */
  RowPrinter.@Nullable Format ofLines() {
    return switch (this) {
      case JSONL -> RowPrinter.Format.JSONL;
      case CSV -> RowPrinter.Format.CSV;
      case TABLE, ARROW, PARQUET -> null;
    };
  }

  /**
   * Prints all rows and ends the output. If this fails, a reader of arrow or parquet finds no whole
   * stream or file.
   */
  void print(Schema schema, Iterable<Batch> batches, RowOutput output, Console console)
      throws IOException {
    switch (this) {
      case ARROW -> ArrowIpc.write(schema, batches, output.out());
      case PARQUET -> ParquetOutput.write(schema, batches, output.out());
      case JSONL, CSV, TABLE -> printText(schema, batches, output, console);
    }
    output.end();
  }

  private void printText(
      Schema schema, Iterable<Batch> batches, RowOutput output, Console console) {
    RowPrinter.Format lines = ofLines();
    RowPrinter printer =
        RowPrinter.of(lines == null ? RowPrinter.Format.TABLE : lines, schema, output.out());
    long rows = 0;
    for (Batch batch : batches) {
      printer.print(batch);
      rows += batch.rows();
    }
    printer.end();
    if (this == TABLE) {
      output.out().flush();
      console.say(rows == 1 ? "1 row" : String.format(Locale.ROOT, "%,d rows", rows));
    }
  }
}
