package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.arrow.ArrowIpc;
import io.datashard.cli.rows.BadRowException;
import io.datashard.cli.rows.CsvRows;
import io.datashard.cli.rows.JsonRows;
import io.datashard.error.OutcomeUnknownException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * {@code datashard append}: rows from files or standard input, in one commit or one every N rows.
 */
final class AppendCommand extends Command {
  private enum Format {
    JSONL,
    CSV,
    PARQUET,
    ARROW
  }

  /** One input; null path means standard input. */
  private record Source(@Nullable Path path, String name, Format format) {}

  @Override
  protected void declare(Options options) {
    options.about(
        "Appends rows. All of them are one commit, unless --batch is given; each commit prints"
            + " one JSON line: {\"snapshot_id\":...,\"rows\":...,\"version\":...}.%n%n"
            + "jsonl: one object a line, keys are column names, a missing key is null. Numbers"
            + " are taken exactly as written; dates, times, uuids and bytes (in hex) are"
            + " strings; decimals are numbers or strings.%n"
            + "csv: a header of column names; an empty field is null. In an optional string"
            + " column \"\" is the empty string; in a required one an empty field is.%n"
            + "parquet: the file itself becomes part of the table, linked or copied; do not"
            + " change it afterwards. With --batch it is a commit of its own.%n"
            + "arrow: an Arrow IPC stream or file (Feather), as pandas, Polars and pyarrow write"
            + " them; columns by name.%n");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    options.parameters("FILE", "Files to append; none or - for standard input.");
    options.text(
        "--format",
        "FORMAT",
        "jsonl, csv, parquet or arrow. Default: by the file's ending (.csv, .parquet, .arrow,"
            + " .arrows, .feather, .ipc), else jsonl.");
    options.number("--batch", "N", "Commits every N rows, and what is left at the end.");
    options.text(
        "--once",
        "SOURCE:NUMBER",
        "Names these rows, such as job-7:42. If the table has an append of this name, by whomever,"
            + " nothing is added: so try again as often as you like. With --batch the next batches"
            + " take the next numbers.");
    options.text("--null", "TEXT", "In csv, this text without quotes is null too, such as NA.");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    String location = args.parameter(0);
    long batch = args.number("--batch", 1, Long.MAX_VALUE);
    String nullText = args.text("--null");
    Appending.Name once = name(args.text("--once"));
    List<Source> sources = sources(args);
    // A bar and a line for each batch would get into each other's way on one terminal.
    boolean quiet = batch != Long.MAX_VALUE && console.outIsTerminal();
    try (Table table = DataShard.loadTable(location);
        Appending appending = new Appending(table, batch, once, console)) {
      try {
        try (Progress progress =
            Progress.bytes(console, "Appending", quiet ? -1 : bytesOf(sources))) {
          for (Source source : sources) {
            append(source, appending, nullText, console, progress);
          }
        }
        appending.commit();
      } catch (RuntimeException | IOException e) {
        throw told(e, appending);
      }
      if (appending.committed() == 0 && !appending.wasThere()) {
        console.say("No rows: nothing was committed.");
      }
    }
    return OK;
  }

  private static void append(
      Source source,
      Appending appending,
      @Nullable String nullText,
      Console console,
      Progress progress)
      throws IOException {
    if (source.format() == Format.PARQUET) {
      Path file = java.util.Objects.requireNonNull(source.path());
      appending.file(file);
      progress.advance(Files.size(file));
      return;
    }
    try (InputStream in =
        source.path() == null
            ? console.in()
            : progress.counting(Files.newInputStream(source.path()))) {
      if (source.format() == Format.CSV) {
        new CsvRows(appending, nullText).read(in, source.name());
      } else if (source.format() == Format.ARROW) {
        appending.batches(
            ArrowIpc.read(new BufferedInputStream(in), appending.schema()), source.name());
      } else {
        new JsonRows(appending).read(in, source.name());
      }
    }
  }

  /** The failure, and what of the input is in the table nevertheless. */
  private static RuntimeException told(Exception e, Appending appending) throws IOException {
    String message = e.getMessage();
    if (message == null || !isMeant(e)) {
      message = e.toString();
    }
    if (e instanceof Output.ClosedException) {
      message = "nobody reads the output any more, so appending has ended.";
    }
    return new FailedException(
        message + System.lineSeparator() + appending.state(e instanceof OutcomeUnknownException),
        e);
  }

  private static boolean isMeant(Exception e) {
    return e instanceof io.datashard.error.DataShardException
        || e instanceof BadRowException
        || e instanceof IllegalArgumentException
        || e instanceof FailedException;
  }

  private static long bytesOf(List<Source> sources) throws IOException {
    long bytes = 0;
    for (Source source : sources) {
      if (source.path() == null) {
        return -1;
      }
      bytes += Files.size(source.path());
    }
    return bytes;
  }

  private static List<Source> sources(Args args) {
    Format asked = format(args.text("--format"));
    List<String> names = args.parametersFrom(1);
    List<Source> sources = new ArrayList<>();
    for (String name : names.isEmpty() ? List.of("-") : names) {
      Source source = source(name, asked);
      if (source.path() == null && sources.stream().anyMatch(s -> s.path() == null)) {
        throw new UsageException("standard input can be given only once.");
      }
      sources.add(source);
    }
    return sources;
  }

  private static Source source(String name, @Nullable Format asked) {
    if (name.equals("-")) {
      if (asked == Format.PARQUET) {
        throw new UsageException(
            "Parquet cannot be read from standard input; give the name of a file.");
      }
      return new Source(null, "standard input", asked == null ? Format.JSONL : asked);
    }
    Path path = Path.of(name);
    if (!Files.isRegularFile(path) && !isPipe(path) || !Files.isReadable(path)) {
      throw new FailedException(
          name
              + (Files.exists(path) ? " is no file that can be read" : " is not there")
              + ". Nothing was committed.");
    }
    return new Source(path, name, asked == null ? byEnding(name) : asked);
  }

  /** {@code <(command)} of a shell is no regular file, and fine. */
  private static boolean isPipe(Path path) {
    return Files.exists(path) && !Files.isDirectory(path);
  }

  private static Format byEnding(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    if (lower.endsWith(".csv")) {
      return Format.CSV;
    }
    if (lower.endsWith(".arrow")
        || lower.endsWith(".arrows")
        || lower.endsWith(".feather")
        || lower.endsWith(".ipc")) {
      return Format.ARROW;
    }
    return lower.endsWith(".parquet") ? Format.PARQUET : Format.JSONL;
  }

  private static Appending.@Nullable Name name(@Nullable String text) {
    if (text == null) {
      return null;
    }
    int colon = text.lastIndexOf(':');
    if (colon < 1 || !text.substring(colon + 1).matches("[0-9]{1,18}")) {
      throw new UsageException(
          "--once must be SOURCE:NUMBER, such as job-7:42, got '" + text + "'.");
    }
    return new Appending.Name(text.substring(0, colon), Long.parseLong(text.substring(colon + 1)));
  }

  private static @Nullable Format format(@Nullable String name) {
    if (name == null) {
      return null;
    }
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "jsonl", "json", "ndjson" -> Format.JSONL;
      case "csv" -> Format.CSV;
      case "parquet" -> Format.PARQUET;
      case "arrow", "feather" -> Format.ARROW;
      default ->
          throw new UsageException(
              "--format must be jsonl, csv, parquet or arrow, got '" + name + "'.");
    };
  }
}
