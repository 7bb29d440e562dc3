package io.datashard;

import io.datashard.data.Batch;
import io.datashard.error.FilterException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.internal.rows.BatchSource;
import io.datashard.internal.rows.RecordDecoder;
import io.datashard.internal.rows.Resized;
import io.datashard.internal.rows.RowMaps;
import io.datashard.internal.rows.ScanThreads;
import io.datashard.internal.scan.ScanPart;
import io.datashard.schema.Schema;
import io.datashard.table.ColumnSummary;
import io.datashard.table.ScanReport;
import io.datashard.table.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.Executor;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * What is to be read: filter, columns, snapshot, limit, parallelism. Immutable: every method
 * returns a new scan; the methods that read come last.
 *
 * <p>Each read sees one snapshot, whole: the newest when the read starts, unless {@link #at} or
 * {@link #asOf} name another. Rows come in the order of the table's files and of the rows in them,
 * with any number of threads. Errors in columns, filter, snapshot are reported before a data file
 * is opened.
 */
public final class Scan {
  /** Rows that a batch has at most unless asked otherwise. */
  public static final int BATCH_ROWS_DEFAULT = 8_192;

  private final TableReads reads;
  private final Predicate filter;
  private final @Nullable List<String> columns;
  private final SnapshotChoice choice;

  /** After which snapshot rows count as appended; null if all rows are read. */
  private final @Nullable SnapshotChoice start;

  private final long limit;
  private final ScanThreads threads;

  /** Which snapshot a scan reads. */
  interface SnapshotChoice {
    /** The newest one. */
    SnapshotChoice CURRENT = TableReads.View::current;

    @Nullable Snapshot in(TableReads.View view);
  }

  Scan(TableReads reads) {
    this(
        reads,
        Predicate.ALWAYS,
        null,
        SnapshotChoice.CURRENT,
        null,
        Long.MAX_VALUE,
        ScanThreads.BY_SIZE);
  }

  private Scan(
      TableReads reads,
      Predicate filter,
      @Nullable List<String> columns,
      SnapshotChoice choice,
      @Nullable SnapshotChoice start,
      long limit,
      ScanThreads threads) {
    this.reads = reads;
    this.filter = filter;
    this.columns = columns;
    this.choice = choice;
    this.start = start;
    this.limit = limit;
    this.threads = threads;
  }

  /** Keeps only rows for which this is true; with an earlier filter, rows for which both are. */
  public Scan where(Predicate predicate) {
    Predicate both = filter == Predicate.ALWAYS ? predicate : filter.and(predicate);
    return new Scan(reads, both, columns, choice, start, limit, threads);
  }

  /**
   * Keeps only rows for which this filter text is true, such as {@code status = 'failed' AND age >
   * 30}.
   *
   * @throws FilterException the text cannot be understood
   */
  public Scan where(String text) {
    return where(Predicate.parse(text));
  }

  /** Reads only these columns, in this order. */
  public Scan select(String... names) {
    return select(List.of(names));
  }

  /** Reads only these columns, in this order. */
  public Scan select(List<String> names) {
    if (names.isEmpty()) {
      throw new IllegalArgumentException("select() needs at least one column.");
    }
    return new Scan(reads, filter, List.copyOf(names), choice, start, limit, threads);
  }

  /** Reads the snapshot of this id. */
  public Scan at(long snapshotId) {
    return new Scan(
        reads, filter, columns, view -> view.snapshot(snapshotId), start, limit, threads);
  }

  /** Reads the snapshot that was current at this time. */
  public Scan asOf(Instant time) {
    return asOf(time.toEpochMilli());
  }

  /** Reads the snapshot that was current at this time, milliseconds since 1970-01-01T00:00Z. */
  public Scan asOf(long millis) {
    return new Scan(reads, filter, columns, view -> view.asOf(millis), start, limit, threads);
  }

  /**
   * Reads the snapshot that was current at this ISO time, see {@link Table#snapshotAsOf(String)}.
   */
  public Scan asOf(String isoTime) {
    return asOf(TableReads.time(isoTime));
  }

  /**
   * Reads only rows that were appended after this snapshot, up to the one that is read otherwise,
   * in the order of commits. Commits that replaced files by others with the same rows, or removed
   * rows, append none; rows that were removed again meanwhile may be among them.
   *
   * <p>A read fails with an {@link IllegalArgumentException} that names the oldest snapshot that
   * can be read from if this one is not in the history of the one that is read, and with an {@link
   * io.datashard.error.UnsupportedTableException} if rows were overwritten in between: which of
   * those are new cannot be told.
   */
  public Scan appendedAfter(long snapshotId) {
    return startingAfter(view -> view.snapshot(snapshotId));
  }

  /** The same, after the snapshot that was current at this time: all rows if there was none. */
  public Scan appendedAfter(Instant time) {
    long millis = time.toEpochMilli();
    return startingAfter(view -> view.asOfOrNull(millis));
  }

  /** The same, after an ISO time; see {@link Table#snapshotAsOf(String)}. */
  public Scan appendedAfter(String isoTime) {
    return appendedAfter(Instant.ofEpochMilli(TableReads.time(isoTime)));
  }

  Scan startingAfter(SnapshotChoice after) {
    return new Scan(reads, filter, columns, choice, after, limit, threads);
  }

  /**
   * Follows the table: the rows that are there now, and then those that are appended, each once.
   *
   * @throws IllegalArgumentException this scan reads one certain snapshot, or has a limit
   */
  public Following follow() {
    return follow("");
  }

  /**
   * Goes on following where somebody else left off.
   *
   * @param position from {@link Following.Piece#position}; "" for the beginning
   * @throws IllegalArgumentException it is none of this table, or as for {@link #follow()}
   */
  public Following follow(String position) {
    if (choice != SnapshotChoice.CURRENT || start != null || limit != Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "Only a scan of the newest snapshot without a limit follows a table: where it begins is"
              + " said by the position.");
    }
    return new Following(reads, this, position);
  }

  /** Reads at most so many rows. */
  public Scan limit(long rows) {
    if (rows < 0) {
      throw new IllegalArgumentException("limit must be at least 0, got " + rows);
    }
    return new Scan(reads, filter, columns, choice, start, rows, threads);
  }

  /**
   * Reads with up to so many threads, the caller's own among them; 1 reads in that alone. The
   * others come from a pool that all scans of the process share. A scan takes fewer where the heap
   * has less than 32 MB for each.
   *
   * <p>Without this, a scan takes as many threads as there are processors, and fewer if there is
   * not enough to read to be worth it.
   */
  public Scan parallel(int threads) {
    checkThreads(threads);
    return with(ScanThreads.of(threads));
  }

  /**
   * The same with threads of this executor, all but the caller's own. None of its threads ever
   * waits for the caller. The scan ends well whatever the executor does: the caller goes on alone
   * while it is busy, if it refuses or was shut down, and if the caller itself runs on its only
   * thread.
   */
  public Scan parallel(int threads, Executor executor) {
    checkThreads(threads);
    return with(ScanThreads.of(threads, Objects.requireNonNull(executor)));
  }

  private static void checkThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("parallel must be at least 1, got " + threads);
    }
  }

  private Scan with(ScanThreads newThreads) {
    return new Scan(reads, filter, columns, choice, start, limit, newThreads);
  }

  /** Whether {@link #limit} was said: then a further filter would choose among other rows. */
  public boolean isLimited() {
    return limit != Long.MAX_VALUE;
  }

  /**
   * This scan, of the snapshot that it would read if it were read now: whatever is committed
   * afterwards, every read sees the same rows. For views that read a scan several times.
   */
  public Scan pinned() {
    TableReads.View view = choice == SnapshotChoice.CURRENT ? reads.viewOfCurrent() : reads.view();
    Snapshot snapshot = choice.in(view);
    Snapshot after = start == null ? null : start.in(view);
    return new Scan(
        reads,
        filter,
        columns,
        any -> snapshot,
        start == null ? null : any -> after,
        limit,
        threads);
  }

  /** How many rows the scan has at most: its filter is not looked at, no data file is opened. */
  public long countAtMost() {
    long rows =
        settle(
            (view, parts, wanted, bound) ->
                view.count(
                    parts, Predicate.ALWAYS.bind(view.schemaOf(choice.in(view))), limit, threads));
    return Math.min(rows, limit);
  }

  /** The columns that the scan returns, in order. */
  public Schema schema() {
    TableReads.View view = reads.view();
    return wanted(view.schemaOf(choice.in(view)));
  }

  private Schema wanted(Schema whole) {
    if (columns == null) {
      return whole;
    }
    try {
      return whole.select(columns);
    } catch (IllegalArgumentException e) {
      throw new FilterException("Cannot select: " + e.getMessage(), e);
    }
  }

  /** Everything settled: one snapshot, its schema, the bound filter. */
  private <R> R settle(Settled<R> then) {
    TableReads.View view = choice == SnapshotChoice.CURRENT ? reads.viewOfCurrent() : reads.view();
    Snapshot snapshot = choice.in(view);
    Schema whole = view.schemaOf(snapshot);
    Schema wanted = wanted(whole);
    Bound bound = filter.bind(whole);
    List<ScanPart> parts =
        start == null ? view.all(snapshot) : view.appendedParts(start.in(view), snapshot);
    return then.read(view, parts, wanted, bound);
  }

  private interface Settled<R> {
    R read(TableReads.View view, List<ScanPart> parts, Schema wanted, Bound filter);
  }

  /**
   * What the scan would read, and what it leaves out by which means: manifests, files, row groups,
   * pages, bytes. Reads metadata, and of the files that are left footers, page indexes and
   * dictionaries; no rows. What a read really took is told by {@link Batches#report}.
   */
  public ScanReport explain() {
    return settle((view, parts, wanted, bound) -> view.explain(parts, wanted, bound, limit));
  }

  private BatchSource source(int batchRows) {
    return settle(
        (view, parts, wanted, bound) ->
            view.batches(parts, wanted, bound, limit, threads, batchRows));
  }

  /** How many rows the scan has; from metadata alone where that is exact. */
  public long count() {
    long rows = settle((view, parts, wanted, bound) -> view.count(parts, bound, limit, threads));
    return Math.min(rows, limit);
  }

  /**
   * How many rows, nulls and NaNs each column has, and its smallest and largest value, in the order
   * of the columns. From metadata alone where that is exact, as for numbers, times and short texts
   * in files that DataShard wrote and that the filter takes whole; what metadata does not tell is
   * read, and no more than that.
   */
  public List<ColumnSummary> summary() {
    return settle(
        (view, parts, wanted, bound) -> view.summary(parts, wanted, bound, limit, threads));
  }

  /** The rows as column batches of {@code batchRows} rows each, the last one shorter; close it. */
  public Batches batches(int batchRows) {
    if (batchRows < 1) {
      throw new IllegalArgumentException("batch rows must be at least 1, got " + batchRows);
    }
    return settle(
        (view, parts, wanted, bound) -> {
          int rows = Math.min(batchRows, BATCH_ROWS_DEFAULT);
          Reading reading = view.batches(parts, wanted, bound, limit, threads, rows);
          return new Batches(wanted, reading, new Resized(reading, batchRows));
        });
  }

  /**
   * The rows as column batches as they come out of the files, of different sizes, at most {@value
   * #BATCH_ROWS_DEFAULT} rows each; nothing is copied to even them out. Close it.
   */
  public Batches batches() {
    return settle(
        (view, parts, wanted, bound) -> {
          Reading reading = view.batches(parts, wanted, bound, limit, threads, BATCH_ROWS_DEFAULT);
          return new Batches(wanted, reading, reading);
        });
  }

  /** The rows as a typed cursor; close it. */
  public RowCursor rows() {
    return settle(
        (view, parts, wanted, bound) ->
            new RowCursor(
                wanted, view.batches(parts, wanted, bound, limit, threads, BATCH_ROWS_DEFAULT)));
  }

  /** All rows as maps from column name to Java value, in column order; nulls are present. */
  public List<Map<String, @Nullable Object>> toMaps() {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    RowMaps maps = new RowMaps();
    try (BatchSource source = source(BATCH_ROWS_DEFAULT)) {
      for (Batch batch = source.next(); batch != null; batch = source.next()) {
        for (int i = 0; i < batch.rows(); i++) {
          rows.add(maps.of(batch, i));
        }
      }
    }
    return rows;
  }

  /** All rows as records; components take the columns of their names. */
  public <T extends Record> List<T> toRecords(Class<T> type) {
    try (Stream<T> rows = stream(type)) {
      return rows.toList();
    }
  }

  /** The rows as a stream of maps; close it. */
  public Stream<Map<String, @Nullable Object>> stream() {
    return stream(source(BATCH_ROWS_DEFAULT), new RowMaps()::of);
  }

  /**
   * The rows as a stream of records; close it.
   *
   * @throws io.datashard.error.SchemaMismatchException a component has no column or another type
   */
  public <T extends Record> Stream<T> stream(Class<T> type) {
    return settle(
        (view, parts, wanted, bound) -> {
          RecordDecoder<T> decoder = new RecordDecoder<>(type, wanted);
          return stream(
              view.batches(parts, wanted, bound, limit, threads, BATCH_ROWS_DEFAULT),
              decoder::decode);
        });
  }

  private interface RowView<T> {
    T of(Batch batch, int row);
  }

  private static <T> Stream<T> stream(BatchSource source, RowView<T> view) {
    Iterator<T> rows =
        new Iterator<>() {
          private @Nullable Batch batch = null;
          private int row = 0;

          @Override
          public boolean hasNext() {
            while (batch == null || row >= batch.rows()) {
              batch = source.next();
              row = 0;
              if (batch == null) {
                return false;
              }
            }
            return true;
          }

          @Override
          public T next() {
            if (!hasNext() || batch == null) {
              throw new java.util.NoSuchElementException();
            }
            return view.of(batch, row++);
          }
        };
    return StreamSupport.stream(
            Spliterators.spliteratorUnknownSize(rows, Spliterator.ORDERED | Spliterator.NONNULL),
            false)
        .onClose(source::close);
  }
}
