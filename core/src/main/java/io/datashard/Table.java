package io.datashard;

import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.ledger.Known;
import io.datashard.internal.relay.Line;
import io.datashard.internal.relay.Lines;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.KnownSources;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import io.datashard.table.TableHistory;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A table: append to it, scan it, look at its past. Safe for use by many threads; any number of
 * handles, processes and machines may use one table at once.
 *
 * <p>What is asked of a table without naming a snapshot is answered for the newest version at that
 * moment.
 */
public final class Table implements AutoCloseable {
  private final Storage storage;
  private final Env env;
  private final Committer committer;
  private final TableReads reads;
  private final boolean created;

  /** Guards the share in the line. No {@code synchronized}: what it guards reads the store. */
  private final Monitor lineLock;

  private Lines.@Nullable Share lineShare;
  private volatile boolean closed;

  Table(Storage storage, Env env, Committer committer, boolean created) {
    this.storage = storage;
    this.env = env;
    this.committer = committer;
    this.reads = new TableReads(storage, committer);
    this.created = created;
    this.lineLock = env.monitor();
  }

  /** The absolute location, with scheme, for example {@code file:///lake/task_logs}. */
  public String location() {
    return storage.location();
  }

  /** Whether this handle created the table, rather than opened it. */
  public boolean wasCreated() {
    return created;
  }

  /** The table's own id, given at creation. */
  public UUID uuid() {
    return view().metadata().tableUuid();
  }

  /** The newest version: the number in {@code v<N>.metadata.json}. */
  public long version() {
    return view().version();
  }

  /** The location of the newest metadata file, which other engines open. */
  public String metadataLocation() {
    return view().metadataLocation();
  }

  /** The current columns. */
  public Schema schema() {
    return view().metadata().schema();
  }

  /** How rows are divided among files. */
  public PartitionSpec partitionSpec() {
    return view().metadata().spec();
  }

  /** All specs that files of the table may have; {@link DataFile#specId} names one. */
  public List<PartitionSpec> partitionSpecs() {
    return view().metadata().specs();
  }

  /**
   * How the rows of each new data file are sorted; unsorted also if another engine gave the table
   * an order that DataShard cannot follow.
   */
  public SortOrder sortOrder() {
    return view().metadata().sortOrder();
  }

  /** The table's properties, without those that DataShard keeps for itself. */
  public Map<String, String> properties() {
    return view().properties();
  }

  /** Starts a change of properties. */
  public PropertiesUpdate updateProperties() {
    return new PropertiesUpdate(open());
  }

  /**
   * Appends rows in one commit: all of them or none.
   *
   * @param rows maps from column name to value, as {@link io.datashard.schema.Type} lists them; a
   *     missing key is null
   * @throws io.datashard.error.InvalidRowException a value does not fit; row, column, value and
   *     type are named, nothing was committed
   * @throws io.datashard.error.OutcomeUnknownException the commit may or may not have happened
   */
  public Committed append(Iterable<? extends Map<String, ?>> rows) {
    return newAppend().rows(rows).commit();
  }

  /**
   * Appends Java records in one commit: all of them or none. Components fill the columns of their
   * names.
   */
  public <T extends Record> Committed append(Class<T> type, Iterable<? extends T> rows) {
    return newAppend().records(type, rows).commit();
  }

  /** Starts an append with more choices: iterators, batches, files, an expected schema. */
  public Append newAppend() {
    return new Append(new Writes(this, env, open()));
  }

  /** Starts a transaction: several changes in one commit. */
  public Transaction newTransaction() {
    return new Transaction(new Writes(this, env, open()));
  }

  /** Starts a scan of all rows and columns of the newest snapshot. */
  public Scan scan() {
    open();
    return new Scan(reads);
  }

  /** The newest snapshot; empty if nothing was ever appended. */
  public Optional<Snapshot> currentSnapshot() {
    return Optional.ofNullable(view().current());
  }

  /**
   * The snapshot of this id.
   *
   * @throws IllegalArgumentException there is none; the message says what there is
   * @throws io.datashard.error.CorruptTableException the file that may hold it is missing or
   *     damaged
   */
  public Snapshot snapshot(long snapshotId) {
    return view().snapshot(snapshotId);
  }

  /**
   * Where the table's snapshots are.
   *
   * @throws io.datashard.error.CorruptTableException the archive's root is missing or damaged
   */
  public TableHistory history() {
    return view().tableHistory();
  }

  /**
   * All snapshots that the table has at this moment, oldest first, read as the stream goes; close
   * it.
   *
   * @throws io.datashard.error.CorruptTableException a file that holds older snapshots is missing
   *     or damaged; also from the stream
   */
  public Stream<Snapshot> snapshots() {
    return view().snapshots();
  }

  /**
   * The snapshot that was current at this time.
   *
   * @throws IllegalArgumentException the time lies before the first snapshot, whose time is named
   */
  public Snapshot snapshotAsOf(Instant time) {
    return snapshotAsOf(time.toEpochMilli());
  }

  /** The snapshot that was current at this time, milliseconds since 1970-01-01T00:00Z. */
  public Snapshot snapshotAsOf(long millis) {
    return view().asOf(millis);
  }

  /**
   * The snapshot that was current at this time.
   *
   * @param isoTime with a zone or offset, such as {@code 2026-01-01T00:00:00Z}; a date alone is the
   *     start of that day in UTC
   * @throws IllegalArgumentException it is no such text, or lies before the first snapshot
   */
  public Snapshot snapshotAsOf(String isoTime) {
    return snapshotAsOf(TableReads.time(isoTime));
  }

  /**
   * Writes one state of the table as a metadata file of its own, for engines that see only the
   * snapshots which the newest metadata file lists (see {@link #history}): they open the file as
   * they open a table, and read the rows from where they are. It stays right as long as the
   * snapshot is kept; nothing of the table is changed.
   *
   * @param snapshotId listed or archived
   * @param file where to; its name should end with {@code .metadata.json}, which some engines ask
   *     for. Folders are made; a file of other content is not replaced
   * @throws IllegalArgumentException there is no such snapshot, or the file would lie among the
   *     table's own versions
   * @throws io.datashard.error.StorageException the file cannot be written
   */
  public void exportMetadata(long snapshotId, Path file) {
    TableReads.View view = view();
    Export.write(location(), view.metadata(), view.snapshot(snapshotId), file);
  }

  /** The manifests of a snapshot, as its manifest list names them; close the stream. */
  public Stream<ManifestFile> manifests(Snapshot snapshot) {
    return view().manifests(snapshot);
  }

  /** The live data files of a manifest, read as the stream goes; close it. */
  public Stream<DataFile> dataFiles(ManifestFile manifest) {
    return view().dataFiles(manifest);
  }

  /** The live data files of a snapshot, read manifest by manifest as the stream goes; close it. */
  public Stream<DataFile> dataFiles(Snapshot snapshot) {
    return view().dataFiles(snapshot);
  }

  /**
   * How many sources of appends that come once the newest version knows, see {@link Append#once}.
   *
   * @throws io.datashard.error.CorruptTableException a file that tells is missing or damaged; it is
   *     named
   */
  public KnownSources knownSources() {
    Committer opened = open();
    Known known = opened.knownSources(opened.newestOrGone());
    return new KnownSources(known.sources(), known.forgotten());
  }

  /**
   * Starts a clean-up of files that nothing in the table reaches: what writers left behind that
   * were killed. Needs no schedule; a table without such accidents has no orphans.
   */
  public RemoveOrphanFiles removeOrphanFiles() {
    return new RemoveOrphanFiles(storage, env, open());
  }

  private TableReads.View view() {
    open();
    return reads.view();
  }

  private Committer open() {
    if (closed) {
      throw new IllegalStateException("The table " + storage.location() + " was closed.");
    }
    return committer;
  }

  /** The way of appends to a commit; from the first one on this process may commit for others. */
  Line line() {
    lineLock.lock();
    try {
      Committer opened = open();
      Lines.Share share = lineShare;
      if (share == null) {
        share = Lines.of(env).share(storage, opened);
        lineShare = share;
      }
      return share.line();
    } finally {
      lineLock.unlock();
    }
  }

  /** Ends the use of this handle; the table stays. */
  @Override
  public void close() {
    Lines.Share share;
    lineLock.lock();
    try {
      closed = true;
      share = lineShare;
      lineShare = null;
    } finally {
      lineLock.unlock();
    }
    if (share != null) {
      share.close();
    }
    committer.finish();
  }

  /** The location. */
  @Override
  public String toString() {
    return storage.location();
  }
}
