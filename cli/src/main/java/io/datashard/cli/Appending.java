package io.datashard.cli;

import io.datashard.Append;
import io.datashard.Table;
import io.datashard.cli.rows.RowSink;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.data.ColumnBuilder;
import io.datashard.schema.Schema;
import io.datashard.table.Committed;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Rows on their way into the table. */
final class Appending implements RowSink, AutoCloseable {
  private static final int BUFFER_ROWS_MAX = 8_192;
  private static final long BUFFER_BYTES_MAX = 4L << 20;

  private final Table table;
  private final Schema schema;
  private final BatchBuilder buffer;
  private final long batch;
  private final @Nullable Name once;
  private final Console console;
  private long attempts;
  private boolean wasThere;
  private @Nullable Append append;
  private long pending;
  private long committed;
  private String source = "";
  private long line;
  private @Nullable String committedUpTo;

  /** What the first commit is known by; each further one takes the next number. */
  record Name(String source, long number) {}

  Appending(Table table, long batch, @Nullable Name once, Console console) {
    this.table = table;
    this.schema = table.schema();
    this.buffer = new BatchBuilder(schema);
    this.batch = batch;
    this.once = once;
    this.console = console;
  }

  /** Whether a commit was not needed because the table has its rows already. */
  boolean wasThere() {
    return wasThere;
  }

  long committed() {
    return committed;
  }

  @Override
  public Schema schema() {
    return schema;
  }

  @Override
  public ColumnBuilder column(int place) {
    return buffer.column(place);
  }

  @Override
  public void endRow(String from, long atLine) {
    buffer.endRow();
    source = from;
    line = atLine;
    pending++;
    if (pending == batch) {
      commit();
    } else if (buffer.rows() >= BUFFER_ROWS_MAX || buffer.bytesHeld() >= BUFFER_BYTES_MAX) {
      flush();
    }
  }

  void file(Path file) {
    if (batch != Long.MAX_VALUE) {
      commit();
    }
    flush();
    open().files(file);
    source = file.toString();
    line = 0;
    pending++;
    if (batch != Long.MAX_VALUE) {
      commit();
    }
  }

  /** Rows that are in columns already; their places in the source are counted, not lines. */
  void batches(Iterable<Batch> batches, String from) {
    flush();
    for (Batch rows : batches) {
      int at = 0;
      while (at < rows.rows()) {
        int end = (int) Math.min(rows.rows(), at + (batch - pending));
        open().batches(List.of(rows.slice(at, end)));
        pending += end - at;
        at = end;
        source = from;
        line = 0;
        if (pending == batch) {
          commit();
        }
      }
    }
  }

  private Append open() {
    Append opened = append;
    if (opened == null) {
      // The rows were read for these columns; another process may change them meanwhile.
      opened = table.newAppend().expecting(schema);
      append = opened;
    }
    return opened;
  }

  private void flush() {
    if (buffer.rows() > 0) {
      open().batches(List.of(buffer.build()));
    }
  }

  void commit() {
    flush();
    Append ready = append;
    if (ready == null) {
      return;
    }
    append = null;
    try (ready) {
      if (once != null) {
        ready.once(once.source(), once.number() + attempts);
      }
      Committed done = ready.commit();
      attempts++;
      pending = 0;
      if (done.wasThere() && once != null) {
        wasThere = true;
        committedUpTo = upTo();
        console.say(
            "Number "
                + (once.number() + attempts - 1)
                + " of source '"
                + once.source()
                + "' is in the table already"
                + (done.snapshot().isPresent()
                    ? ", since version " + done.version() + ", snapshot " + done.snapshotId()
                    : "")
                + ". Nothing was added for it.");
      }
      warnOfManyPartitions(ready.partitions());
      if (done.changed()) {
        committed += done.rowsAdded();
        committedUpTo = upTo();
        console
            .out()
            .line(
                Json.object(
                    json -> {
                      json.writeNumberField("snapshot_id", done.snapshotId());
                      json.writeNumberField("rows", done.rowsAdded());
                      json.writeNumberField("version", done.version());
                    }));
        console.out().flush();
      }
    }
  }

  private void warnOfManyPartitions(int partitions) {
    if (partitions > Append.PARTITIONS_ADVISED) {
      console.say(
          "Warning: these rows lie in "
              + partitions
              + " partitions, each in a file of its own. Many small files make scans slow: append"
              + " rows of few partitions at a time, or partition by something coarser.");
    }
  }

  private String upTo() {
    return line == 0 ? "the end of " + source : "line " + line + " of " + source;
  }

  String state(boolean unknown) {
    String rest =
        unknown
            ? "Whether the rows after that were committed is not known."
            : "No row after that was committed.";
    if (committedUpTo == null) {
      return unknown ? "Before it, nothing was committed." : "Nothing was committed.";
    }
    return String.format(
        Locale.ROOT,
        "Committed before: %,d row%s, up to %s. %s",
        committed,
        committed == 1 ? "" : "s",
        committedUpTo,
        rest);
  }

  @Override
  public void close() {
    if (append != null) {
      append.close();
    }
  }
}
