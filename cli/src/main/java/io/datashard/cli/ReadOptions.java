package io.datashard.cli;

import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.error.FilterException;
import io.datashard.expr.Predicate;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import io.datashard.table.Snapshot;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which rows a command reads. What is wrong whatever the table holds is found before it is opened.
 */
final class ReadOptions {
  private static final Pattern MILLIS = Pattern.compile("-?[0-9]+");

  /** As long as no number of milliseconds is that people have to do with. */
  private static final Pattern SNAPSHOT_ID = Pattern.compile("[0-9]{15,18}|[1-8][0-9]{18}");

  /** As many threads as the scan thinks right. */
  private static final int BY_SIZE = 0;

  private final @Nullable Predicate filter;
  private final @Nullable List<String> columns;
  private final @Nullable Long snapshotId;
  private final @Nullable Long asOfMillis;
  private final @Nullable String after;
  private final long limit;
  private final int parallel;

  private ReadOptions(
      @Nullable Predicate filter,
      @Nullable List<String> columns,
      @Nullable Long snapshotId,
      @Nullable Long asOfMillis,
      @Nullable String after,
      long limit,
      int parallel) {
    this.filter = filter;
    this.columns = columns;
    this.snapshotId = snapshotId;
    this.asOfMillis = asOfMillis;
    this.after = after;
    this.limit = limit;
    this.parallel = parallel;
  }

  /** Declares the options that say which snapshot. */
  static void declareSnapshot(Options options) {
    options.number("--snapshot", "ID", "The snapshot of this id instead of the newest.");
    options.text(
        "--as-of",
        "TIME",
        "The snapshot that was current at this time: ISO with an offset, such as"
            + " 2026-01-31T12:00:00Z, a date (its start in UTC), or milliseconds since 1970.");
  }

  /** Declares all options of a scan. */
  static void declare(Options options) {
    options.text(
        "--where",
        "FILTER",
        "Only rows for which this is true, such as \"status = 'failed' AND age > 30\".");
    options.text(
        "--columns",
        "A,B",
        "Only these columns, in this order; \"a,b\" in double quotes for a name with a comma.");
    declareSnapshot(options);
    options.text(
        "--after",
        "ID|TIME",
        "Only rows that were appended after the snapshot of this id, or after a time as in --as-of.");
    options.number("--limit", "N", "At most so many rows.");
    options.number(
        "--parallel",
        "N",
        "Read with up to so many threads. Default: one for each processor, fewer for small tables.");
  }

  /**
   * What was asked for.
   *
   * @throws UsageException it cannot be understood
   */
  static ReadOptions of(Args args) {
    String where = args.text("--where");
    String columns = args.text("--columns");
    ReadOptions snapshot = snapshotOf(args);
    return new ReadOptions(
        where == null ? null : filter(where),
        columns == null ? null : names(columns),
        snapshot.snapshotId,
        snapshot.asOfMillis,
        args.text("--after"),
        args.number("--limit", 0, Long.MAX_VALUE),
        (int) Math.min(1_024, args.number("--parallel", 1, BY_SIZE)));
  }

  /** Only which snapshot was asked for. */
  static ReadOptions snapshotOf(Args args) {
    Long id = args.numberOrNull("--snapshot");
    String asOf = args.text("--as-of");
    if (id != null && asOf != null) {
      throw new UsageException("--snapshot and --as-of exclude each other.");
    }
    Long asOfMillis = asOf == null ? null : millis("--as-of", asOf);
    return new ReadOptions(null, null, id, asOfMillis, null, Long.MAX_VALUE, BY_SIZE);
  }

  private static Predicate filter(String text) {
    try {
      return Predicate.parse(text);
    } catch (FilterException e) {
      throw new UsageException("--where: " + e.getMessage(), e);
    }
  }

  private static long millis(String option, String text) {
    try {
      if (TextValues.isDate(text)) {
        LocalDate day = (LocalDate) TextValues.parse(Type.DATE, text);
        return day.atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
      }
      return MILLIS.matcher(text).matches()
          ? Long.parseLong(text)
          : ((Instant) TextValues.parse(Type.TIMESTAMPTZ, text)).toEpochMilli();
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw new UsageException(
          option
              + " '"
              + text
              + "' is no time: write 2026-01-31T12:00:00Z, a date, or milliseconds since 1970.",
          e);
    }
  }

  /** Names between commas; double quotes hold a name together, two of them stand for one. */
  static List<String> names(String text) {
    List<String> names = new ArrayList<>();
    StringBuilder name = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (quoted && c == '"' && i + 1 < text.length() && text.charAt(i + 1) == '"') {
        name.append(c);
        i++;
      } else if (c == '"' && (quoted || name.isEmpty())) {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        names.add(name.toString());
        name.setLength(0);
      } else {
        name.append(c);
      }
    }
    names.add(name.toString());
    if (quoted) {
      throw new UsageException("--columns: a double quote is not closed in: " + text);
    }
    if (names.contains("")) {
      throw new UsageException("--columns: there is an empty name in: " + text);
    }
    return names;
  }

  /** The scan that was asked for. */
  Scan scan(Table table) {
    Scan scan = table.scan();
    if (filter != null) {
      scan = scan.where(filter);
    }
    if (columns != null) {
      scan = scan.select(columns);
    }
    if (snapshotId != null) {
      scan = scan.at(snapshotId);
    }
    if (asOfMillis != null) {
      scan = scan.asOf(asOfMillis);
    }
    if (after != null) {
      scan =
          SNAPSHOT_ID.matcher(after).matches()
              ? scan.appendedAfter(Long.parseLong(after))
              : scan.appendedAfter(Instant.ofEpochMilli(millis("--after", after)));
    }
    if (limit != Long.MAX_VALUE) {
      scan = scan.limit(limit);
    }
    return parallel == BY_SIZE ? scan : scan.parallel(parallel);
  }

  /** The snapshot that was asked for; empty for the newest of a table that has none yet. */
  Optional<Snapshot> snapshot(Table table) {
    if (snapshotId != null) {
      return Optional.of(table.snapshot(snapshotId));
    }
    return asOfMillis != null
        ? Optional.of(table.snapshotAsOf(asOfMillis))
        : table.currentSnapshot();
  }
}
