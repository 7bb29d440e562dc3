package io.datashard;

import io.datashard.data.Batch;
import io.datashard.error.CorruptTableException;
import io.datashard.error.TableNotFoundException;
import io.datashard.expr.Bound;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.history.History;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.parquet.Outlook;
import io.datashard.internal.rows.BatchSource;
import io.datashard.internal.rows.ColumnTally;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.internal.rows.FileScan;
import io.datashard.internal.rows.ScanThreads;
import io.datashard.internal.rows.SummaryScan;
import io.datashard.internal.scan.Appended;
import io.datashard.internal.scan.CountPlan;
import io.datashard.internal.scan.FileCache;
import io.datashard.internal.scan.FilePlan;
import io.datashard.internal.scan.FileTask;
import io.datashard.internal.scan.RecordedColumn;
import io.datashard.internal.scan.ScanPart;
import io.datashard.internal.scan.ScanPlanner;
import io.datashard.internal.scan.SnapshotFiles;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.ColumnSummary;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.ScanReport;
import io.datashard.table.Snapshot;
import io.datashard.table.TableHistory;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** How a handle reads its table; what its reads share. */
final class TableReads {
  private static final Schema NO_COLUMNS = Schema.of(List.of());

  /** Enough for the plans of some hundred thousand files; less where the heap is small. */
  private static final long MANIFEST_CACHE_BYTES =
      Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 8);

  private final Storage storage;
  private final Committer committer;
  private final FileCache manifestCache = new FileCache(MANIFEST_CACHE_BYTES);

  TableReads(Storage storage, Committer committer) {
    this.storage = storage;
    this.committer = committer;
  }

  /** The newest version, after one look at the store. */
  View view() {
    return new View(
        committer
            .newest()
            .orElseThrow(
                () ->
                    new TableNotFoundException(
                        "The table at "
                            + storage.location()
                            + " is gone: its metadata folder holds no version any more.")));
  }

  /**
   * As {@link #view}, to read the newest snapshot: what it begins with is fetched beside the look,
   * from a store that is far away, as if the version that is known were still the newest.
   */
  View viewOfCurrent() {
    if (storage.isRemote()) {
      TableMetadata known = committer.knownMetadata();
      known
          .currentSnapshot()
          .ifPresent(snapshot -> SnapshotFiles.expectList(storage, known, snapshot, manifestCache));
    }
    return view();
  }

  /** The instant of an ISO text, milliseconds; a date alone is the start of that day in UTC. */
  static long time(String text) {
    String iso = text.strip();
    try {
      if (iso.length() == 10) {
        return LocalDate.parse(iso).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
      }
      return OffsetDateTime.parse(iso.replace(' ', 'T')).toInstant().toEpochMilli();
    } catch (DateTimeException | ArithmeticException e) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is no time. Write a date and a time with a zone, such as 2026-01-31T09:30:00Z or"
              + " 2026-01-31T10:30:00+01:00, or a date alone for its start in UTC.",
          e);
    }
  }

  /** One version of the table, for one question. */
  final class View {
    private final Head head;
    private final TableMetadata metadata;

    private View(Head head) {
      this.head = head;
      this.metadata = head.metadata();
    }

    long version() {
      return head.version().number();
    }

    UUID uuid() {
      return metadata.tableUuid();
    }

    TableMetadata metadata() {
      return metadata;
    }

    String metadataLocation() {
      return Locations.of(storage.location(), head.version().key());
    }

    Map<String, String> properties() {
      return TableProperties.visible(metadata.properties());
    }

    @Nullable Snapshot current() {
      return metadata.currentSnapshot().orElse(null);
    }

    Schema schemaOf(@Nullable Snapshot snapshot) {
      Long current = metadata.currentSnapshotId();
      return snapshot == null || current != null && current == snapshot.snapshotId()
          ? metadata.schema()
          : metadata.schemaOf(snapshot);
    }

    /** All snapshots that the table had at this version, by sequence number. */
    Stream<Snapshot> snapshots() {
      long last = metadata.lastSequenceNumber();
      Iterator<Snapshot> all = new Resumed(this);
      return StreamSupport.stream(
              Spliterators.spliteratorUnknownSize(
                  all, Spliterator.ORDERED | Spliterator.NONNULL | Spliterator.IMMUTABLE),
              false)
          .takeWhile(snapshot -> snapshot.sequenceNumber() <= last);
    }

    Snapshot snapshot(long id) {
      return archived(view -> history().find(view.metadata, id))
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "The table at "
                          + storage.location()
                          + " has no snapshot "
                          + id
                          + ". "
                          + whatThereIs()));
    }

    private String whatThereIs() {
      Snapshot current = current();
      return current == null
          ? "It has no snapshot at all: nothing was appended yet."
          : "It has "
              + count()
              + " snapshots; the newest is "
              + current.snapshotId()
              + " of "
              + current.timestamp()
              + ".";
    }

    private long count() {
      return history().archived(metadata) + metadata.snapshots().size();
    }

    TableHistory tableHistory() {
      return archived(view -> history().sizes(view.metadata));
    }

    /** The snapshot that the log names at this time. */
    Snapshot asOf(long millis) {
      OptionalLong found = archived(view -> history().currentAt(view.metadata, millis));
      if (found.isEmpty()) {
        OptionalLong first = archived(view -> history().firstMillis(view.metadata));
        throw new IllegalArgumentException(
            "The table at "
                + storage.location()
                + " had no snapshot yet as of "
                + Instant.ofEpochMilli(millis)
                + ". "
                + (first.isEmpty()
                    ? "It has no snapshot at all: nothing was appended yet."
                    : "Its first snapshot is of " + Instant.ofEpochMilli(first.getAsLong()) + "."));
      }
      return snapshot(found.getAsLong());
    }

    /**
     * Asks the archive. What an old version names may have been cleaned away with that version; a
     * newer one names the same snapshots in other files.
     */
    private <T> T archived(Function<View, T> question) {
      try {
        return question.apply(this);
      } catch (CorruptTableException e) {
        View newer = view();
        if (newer.version() == version()) {
          throw e;
        }
        return question.apply(newer);
      }
    }

    Stream<ManifestFile> manifests(Snapshot snapshot) {
      return filesOf(snapshot).manifests().stream();
    }

    Stream<DataFile> dataFiles(ManifestFile manifest) {
      // Where a manifest lies does not depend on the snapshot it is asked through.
      return Stream.of(manifest)
          .flatMap(one -> filesOf(null).liveFiles(one, EntryFields.ALL).stream());
    }

    Stream<DataFile> dataFiles(Snapshot snapshot) {
      return filesOf(snapshot).files(EntryFields.ALL);
    }

    private SnapshotFiles filesOf(@Nullable Snapshot snapshot) {
      return SnapshotFiles.of(storage, metadata, snapshot, manifestCache);
    }

    /** All rows of a snapshot; of none if there is none. */
    List<ScanPart> all(@Nullable Snapshot snapshot) {
      return List.of(ScanPart.all(filesOf(snapshot)));
    }

    /**
     * The snapshots that appended rows after one, up to another.
     *
     * @param after null for all
     */
    Appended appended(@Nullable Snapshot after, Snapshot last) {
      // Of version 1 all sequence numbers are 0.
      long before = after == null || after.sequenceNumber() == 0 ? -1 : after.sequenceNumber();
      return archived(
          view ->
              Appended.between(
                  after, last, history().snapshots(view.metadata, before), storage.location()));
    }

    /** The rows that were appended after a snapshot. */
    List<ScanPart> appendedParts(@Nullable Snapshot after, @Nullable Snapshot last) {
      return last == null ? all(null) : appended(after, last).parts(this::filesOf);
    }

    /** The snapshot that was current at a time; null if that was before the first one. */
    @Nullable Snapshot asOfOrNull(long millis) {
      OptionalLong found = archived(view -> history().currentAt(view.metadata, millis));
      return found.isEmpty() ? null : snapshot(found.getAsLong());
    }

    long count(List<ScanPart> parts, Bound filter, long limit, ScanThreads threads) {
      CountPlan plan = ScanPlanner.count(parts, filter);
      long rows = plan.certainRows();
      if (rows >= limit || plan.filesToLookInto().isEmpty()) {
        return rows;
      }
      FileScan scan =
          new FileScan(storage, Writes.idByName(head), NO_COLUMNS, Scan.BATCH_ROWS_DEFAULT);
      try (BatchSource batches = scan.open(tasks(plan.filesToLookInto()), limit - rows, threads)) {
        for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
          rows += batch.rows();
        }
      }
      return rows;
    }

    /** What the rows hold in these columns, in order; from metadata alone where that is exact. */
    List<ColumnSummary> summary(
        List<ScanPart> parts, Schema wanted, Bound filter, long limit, ScanThreads threads) {
      Map<Integer, ColumnTally> tallies = new LinkedHashMap<>();
      wanted.fields().forEach(field -> tallies.put(field.id(), new ColumnTally(field)));
      if (limit != Long.MAX_VALUE) { // which rows these are, only reading tells
        try (BatchSource rows =
            batches(parts, wanted, filter, limit, threads, Scan.BATCH_ROWS_DEFAULT)) {
          for (Batch batch = rows.next(); batch != null; batch = rows.next()) {
            for (Field field : wanted.fields()) {
              tallyOf(field, tallies).add(batch.column(wanted.placeOfId(field.id())));
            }
          }
        }
      } else {
        FilePlan plan = ScanPlanner.plan(parts, filter, ScanPlanner.NO_LIMIT, wanted.fields());
        SummaryScan scan =
            new SummaryScan(storage, Writes.idByName(head), Scan.BATCH_ROWS_DEFAULT, tallies);
        plan.files().forEach(file -> summary(file, wanted, tallies, scan));
        scan.run(threads);
      }
      return tallies.values().stream().map(ColumnTally::summary).toList();
    }

    private static ColumnTally tallyOf(Field field, Map<Integer, ColumnTally> tallies) {
      return Objects.requireNonNull(tallies.get(field.id()));
    }

    /** Adds what the manifest tells of a file, and leaves the rest to the scan. */
    private void summary(
        FileTask file, Schema wanted, Map<Integer, ColumnTally> tallies, SummaryScan scan) {
      boolean ours = DataFileWriter.isName(file.key());
      List<Field> open = new ArrayList<>();
      Map<Integer, Long> nans = new HashMap<>();
      for (Field field : wanted.fields()) {
        Optional<ColumnSummary> recorded =
            file.wantsAllRows() ? RecordedColumn.of(file, field, ours) : Optional.empty();
        if (recorded.isPresent()) {
          tallyOf(field, tallies).add(recorded.get());
        } else {
          open.add(field);
          long known = RecordedColumn.nans(file, field);
          if (known >= 0) {
            nans.put(field.id(), known);
          }
        }
      }
      if (!open.isEmpty()) {
        scan.add(new SummaryScan.Work(task(file), open, nans));
      }
    }

    Reading batches(
        List<ScanPart> parts,
        Schema wanted,
        Bound filter,
        long limit,
        ScanThreads threads,
        int batchRows) {
      FilePlan plan = plan(parts, filter, limit);
      FileScan scan = new FileScan(storage, Writes.idByName(head), wanted, batchRows);
      return new Reading(plan, scan.totals(), scan.open(tasks(plan.files()), limit, threads));
    }

    /** What there is to read, without reading it. */
    ScanReport explain(List<ScanPart> parts, Schema wanted, Bound filter, long limit) {
      FilePlan plan = plan(parts, filter, limit);
      FileScan scan = new FileScan(storage, Writes.idByName(head), wanted, Scan.BATCH_ROWS_DEFAULT);
      Outlook outlook = scan.outlook(tasks(plan.files()));
      return Reports.of(
          Reports.Planned.of(plan), scan.totals(), outlook.counts(), outlook.bytesToRead());
    }

    private static FilePlan plan(List<ScanPart> parts, Bound filter, long limit) {
      return ScanPlanner.plan(
          parts, filter, limit == Long.MAX_VALUE ? ScanPlanner.NO_LIMIT : limit);
    }

    private List<FileScan.Task> tasks(List<FileTask> files) {
      return files.stream().map(this::task).toList();
    }

    private FileScan.Task task(FileTask file) {
      return new FileScan.Task(
          file.key(),
          file.file().fileSizeBytes(),
          file.recordCount(),
          Math.max(1, file.file().metrics().splitOffsets().size()),
          file.residual());
    }
  }

  private History history() {
    return committer.history();
  }

  /** Walks through all snapshots; goes on from a newer version when this one was cleaned away. */
  private final class Resumed implements Iterator<Snapshot> {
    private View view;
    private Iterator<Snapshot> rest;
    private long done = -1;

    Resumed(View view) {
      this.view = view;
      this.rest = from(view);
    }

    private Iterator<Snapshot> from(View start) {
      return start.archived(
          asked -> {
            view = asked;
            return history().snapshots(asked.metadata(), done);
          });
    }

    @Override
    public boolean hasNext() {
      return rest.hasNext();
    }

    @Override
    public Snapshot next() {
      Snapshot next;
      try {
        next = rest.next();
      } catch (CorruptTableException e) {
        View newer = view();
        if (newer.version() == view.version()) {
          throw e;
        }
        view = newer;
        rest = from(newer);
        next = rest.next();
      }
      done = next.sequenceNumber();
      return next;
    }
  }
}
