package io.datashard;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.commit.TableDurability;
import io.datashard.internal.env.Env;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.metadata.NameMapping;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.relay.Line;
import io.datashard.internal.relay.Payload;
import io.datashard.internal.rows.BatchCodec;
import io.datashard.internal.rows.BatchFit;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.internal.rows.FileImport;
import io.datashard.internal.rows.ManyPartitions;
import io.datashard.internal.rows.MapEncoder;
import io.datashard.internal.rows.RecordEncoder;
import io.datashard.internal.rows.RowEncoder;
import io.datashard.schema.Schema;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The changes of one append or transaction until they are committed or given up. Whatever was
 * written is removed again unless it was committed or may have been.
 */
final class Writes {
  private static final Logger LOG = LoggerFactory.getLogger(Writes.class);
  private static final int BUFFER_ROWS_MAX = 8_192;
  private static final long BUFFER_BYTES_MAX = 4L << 20;
  private static final Duration HEAD_AGE_MAX = Duration.ofSeconds(2);

  private enum State {
    OPEN,
    FAILED,
    COMMITTED,
    ROLLED_BACK
  }

  private final Table table;
  private final Storage storage;
  private final Env env;
  private final Committer committer;
  private final Head head;
  private final TableMetadata metadata;
  private final Schema schema;
  private final Map<String, String> propertiesSet = new LinkedHashMap<>();
  private final Set<String> propertiesRemoved = new LinkedHashSet<>();
  private final Set<String> removed = new LinkedHashSet<>();
  private final List<FileImport> imported = new ArrayList<>();
  private @Nullable DataFileWriter files;
  private @Nullable BatchBuilder buffer;
  private long withinNanos = Long.MAX_VALUE;
  private @Nullable Once once;
  private State state = State.OPEN;
  private int partitions;

  Writes(Table table, Env env, Committer committer) {
    this.table = table;
    this.env = env;
    this.committer = committer;
    // A version of a moment ago will do: whoever commits holds the columns against the newest.
    Head recent = committer.recent(HEAD_AGE_MAX);
    boolean isWritable = TableDurability.isKnown(recent.metadata());
    this.head = isWritable ? recent : committer.newestOrGone(); // it may have been mended
    this.metadata = head.metadata();
    this.storage = committer.storageForCommits();
    this.schema = metadata.schema();
  }

  void expect(Schema expected) {
    requireOpen();
    if (!schema.sameColumns(expected)) {
      SchemaMismatchException mismatch =
          new SchemaMismatchException(
              "The table at "
                  + storage.location()
                  + " has other columns than expected.\nExpected:\n"
                  + expected
                  + "\nFound:\n"
                  + schema
                  + "\nNothing was committed.");
      fail(mismatch);
      throw mismatch;
    }
  }

  void maps(Iterator<? extends Map<String, ?>> maps) {
    encode(new MapEncoder(schema), maps);
  }

  <T extends Record> void records(Class<T> type, Iterator<? extends T> records) {
    requireOpen();
    RecordEncoder<T> encoder;
    try {
      encoder = new RecordEncoder<>(type, schema);
    } catch (RuntimeException e) {
      fail(e);
      throw e;
    }
    encode(encoder, records);
  }

  private <T> void encode(RowEncoder<T> encoder, Iterator<? extends T> source) {
    requireOpen();
    try {
      BatchBuilder into = buffer == null ? new BatchBuilder(schema) : buffer;
      buffer = into;
      long number = 0;
      while (source.hasNext()) {
        encoder.encode(source.next(), ++number, into);
        // The size is asked only now and then: it walks all columns.
        if (into.rows() >= BUFFER_ROWS_MAX
            || (into.rows() & 63) == 0 && into.bytesHeld() >= BUFFER_BYTES_MAX) {
          files().write(into.build());
        }
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  void batch(Batch batch) {
    requireOpen();
    try {
      Batch fitting = BatchFit.fit(batch, schema, storage.location());
      flush();
      files().write(fitting);
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  void file(Path source) {
    requireOpen();
    try {
      // What a column is called in files may have been told a moment ago; nobody checks it later.
      Map<String, Integer> ids = idByName(committer.newestOrGone());
      FileImport file = FileImport.of(storage, env, schema, metadata.spec(), ids, source);
      boolean again =
          imported.stream().anyMatch(other -> other.fingerprint().equals(file.fingerprint()));
      imported.add(file);
      if (again) {
        throw new IllegalArgumentException("The file " + source + " is given twice.");
      }
    } catch (RuntimeException | Error e) {
      fail(e);
      throw e;
    }
  }

  void remove(Collection<String> locations) {
    requireOpen();
    removed.addAll(locations);
  }

  void setProperty(String key, String value) {
    requireOpen();
    propertiesRemoved.remove(key);
    propertiesSet.put(key, value);
  }

  void removeProperty(String key) {
    requireOpen();
    propertiesSet.remove(key);
    propertiesRemoved.add(key);
  }

  /** How long {@link #commit} may take. */
  void within(Duration time) {
    requireOpen();
    if (time.isNegative() || time.isZero()) {
      throw new IllegalArgumentException("A commit cannot take " + time + ".");
    }
    withinNanos = time.compareTo(Duration.ofDays(365)) > 0 ? Long.MAX_VALUE : time.toNanos();
  }

  void once(String source, long number) {
    requireOpen();
    once = new Once(source, number);
  }

  /** How many partitions the last commit, or the try of it, has rows for. */
  int partitions() {
    return partitions;
  }

  Committed commit() {
    requireOpen();
    try {
      Committed done = onlyAppends() ? append() : commitAlone();
      state = State.COMMITTED;
      if (done.wasThere()) {
        removeNeedless();
      }
      return done;
    } catch (OutcomeUnknownException e) {
      state = State.FAILED; // and nothing is removed: the commit may have happened (I3)
      throw once == null ? e : repeatable(e, once);
    } catch (RuntimeException e) {
      if (e instanceof SchemaMismatchException) {
        lookAgain(e);
      }
      fail(e);
      throw e;
    } catch (Error e) {
      state = State.FAILED; // nor now: it may have come in the middle of the commit
      throw e;
    } finally {
      if (files != null) {
        files.close();
      }
    }
  }

  /** So that whoever tries again sees the columns that somebody else changed. */
  private void lookAgain(RuntimeException cause) {
    try {
      committer.newestOrGone();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  /** What was written for an append that the table has from an earlier one; no version names it. */
  private void removeNeedless() {
    try {
      removeWritten();
    } catch (RuntimeException e) {
      LOG.warn("Could not remove files that no version names: {}", e.getMessage());
    }
  }

  private static OutcomeUnknownException repeatable(OutcomeUnknownException e, Once once) {
    return new OutcomeUnknownException(
        e.getMessage()
            + " It is "
            + once
            + ", so it can simply be made again with that: it will be in the table once.",
        e);
  }

  private boolean onlyAppends() {
    return imported.isEmpty()
        && removed.isEmpty()
        && propertiesSet.isEmpty()
        && propertiesRemoved.isEmpty();
  }

  /** Hands the rows, or the files they are in, to the line. */
  private Committed append() {
    Payload payload = payload();
    if (payload == null) {
      return commitAlone(); // nothing to commit
    }
    ManyPartitions.warn(storage.location(), partitions);
    return table.line().append(schema, payload, once, withinNanos);
  }

  private @Nullable Payload payload() {
    if (files == null && buffer != null && buffer.rows() > 0) {
      Batch rows = buffer.build();
      if (BatchCodec.size(rows) <= Line.ROWS_BYTES_MAX) {
        // Whoever commits them would find out too, but only after others had to wait for it.
        partitions = DataFileWriter.partitions(metadata, rows);
        return new Payload.Rows(rows);
      }
      files().write(rows);
    }
    flush();
    if (files == null) {
      return null;
    }
    files.finish();
    partitions = files.partitions();
    storage.makeDurable(files.pending());
    return Payload.Files.of(head, files.files());
  }

  private Committed commitAlone() {
    flush();
    List<DataFile> added = new ArrayList<>();
    if (files != null) {
      files.finish();
      added.addAll(files.files());
    }
    imported.forEach(file -> added.add(file.file()));
    partitions = ManyPartitions.warn(storage.location(), added);
    Change change =
        new Change(
            added,
            files == null ? List.of() : files.pending(),
            imported.stream().map(FileImport::fingerprint).collect(Collectors.toSet()),
            removed,
            propertiesSet,
            propertiesRemoved,
            added.isEmpty() ? null : schema,
            since(),
            null);
    if (once == null || change.isEmpty()) {
      return committer.commit(change);
    }
    if (added.isEmpty() && removed.isEmpty()) {
      throw new IllegalStateException(
          "A transaction that only changes properties leaves no snapshot to tell that it was "
              + once
              + ". Set properties without it: set twice they are the same.");
    }
    return committer.commit(change, once);
  }

  /** A version that is older than the files; a file that lay in the table may be of any age. */
  private long since() {
    return imported.stream().allMatch(FileImport::copied) ? head.version().number() : 0;
  }

  void rollbackOnce() {
    requireOpen();
    rollback();
  }

  void rollback() {
    if (state == State.OPEN) {
      state = State.ROLLED_BACK;
      removeWritten();
    }
  }

  /** Ends this after a failure that certainly committed nothing. */
  private void fail(Throwable cause) {
    state = State.FAILED;
    try {
      removeWritten();
    } catch (RuntimeException e) {
      cause.addSuppressed(e); // the first cause stays the cause; what is left is an orphan
    }
  }

  private void removeWritten() {
    buffer = null;
    if (files != null) {
      files.close();
      for (DataFile file : files.files()) {
        storage.delete(
            Locations.keyOf(file.location(), List.of(storage.location()), "this append"));
      }
    }
    for (FileImport file : imported) {
      if (file.copied()) {
        storage.delete(file.key());
      }
    }
  }

  /** What column names mean in files without field ids. */
  static Map<String, Integer> idByName(Head head) {
    String mapping = head.metadata().properties().get(TableProperties.NAME_MAPPING);
    if (mapping == null) {
      return Map.of();
    }
    try {
      return NameMapping.parse(mapping);
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(
          head.version().key()
              + ": "
              + e.getMessage()
              + " Set the property anew, or restore the file"
              + " from a copy.",
          e);
    }
  }

  private void flush() {
    if (buffer != null && buffer.rows() > 0) {
      files().write(buffer.build());
    }
  }

  private DataFileWriter files() {
    if (files == null) {
      files = new DataFileWriter(storage, env, schema, metadata);
    }
    return files;
  }

  private void requireOpen() {
    if (state != State.OPEN) {
      throw new IllegalStateException(
          switch (state) {
            case COMMITTED -> "This was committed already; start a new one.";
            case ROLLED_BACK -> "This was rolled back; start a new one.";
            case FAILED -> "This failed before; start a new one.";
            case OPEN -> throw new AssertionError();
          });
    }
  }
}
