package io.datashard.testkit.story;

import io.datashard.Append;
import io.datashard.PropertiesUpdate;
import io.datashard.SimulatedDoor;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.ConflictException;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.relay.Lines;
import io.datashard.internal.relay.Payload;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.internal.rows.MapEncoder;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.testkit.simulation.Dice;
import io.datashard.testkit.simulation.SimulatedProcess;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A thread of an application: it appends, changes and looks, and writes down what it was told. */
final class User {
  private static final long MILLIS = 1_000_000;

  private final World world;
  private final Dice dice;
  private final SimulatedProcess process;
  private final Storage storage;
  private final Committer committer;
  private final RowIds rows;
  private final int jobs;
  private final boolean atTheDoor;
  private long newest;
  private @Nullable Head writtenOver;
  private @Nullable Table table;
  private Lines.@Nullable Share share;

  User(World world, SimulatedProcess process, Storage storage, Committer committer, int jobs) {
    this.world = world;
    this.dice = world.dice;
    this.process = process;
    this.storage = storage;
    this.committer = committer;
    this.rows = new RowIds(storage);
    this.jobs = jobs;
    this.atTheDoor = dice.chance(50);
  }

  void work() {
    for (int i = 0; i < jobs; i++) {
      try {
        job();
      } catch (StorageException e) {
        world.allow(e);
      } catch (RuntimeException | OutOfMemoryError e) {
        if (!World.isSurprise(e)) {
          throw e;
        }
        world.simulation.note("surprised by", e);
      }
      Thread.interrupted();
      if (dice.chance(60)) {
        sleep(dice.chance(80) ? dice.below(10 * MILLIS) : dice.below(8_000 * MILLIS));
      }
    }
    if (!world.with(Trouble.EXITS) || dice.chance(50)) {
      leave();
    }
  }

  private void leave() {
    if (share != null) {
      share.close();
    }
    if (table != null) {
      table.close();
    }
  }

  private void sleep(long nanos) {
    try {
      process.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      world.simulation.note("was interrupted in its sleep", process);
    }
  }

  private void job() {
    int what = dice.below(100);
    if (what < 70) {
      append();
    } else if (what < 80) {
      look();
    } else if (what < 87 || world.rowsOnly) {
      setProperty();
    } else if (what < 94) {
      appendBeside();
    } else {
      rewrite();
    }
  }

  private Table table() {
    if (table == null) {
      table = SimulatedDoor.tables(storage, process).loadTable("t");
    }
    return table;
  }

  private Lines.Share share() {
    if (share == null) {
      committer.newestOrGone();
      share = Lines.of(process).share(storage, committer);
    }
    return share;
  }

  // Appending.

  private void append() {
    if (atTheDoor) {
      table();
    } else {
      share();
    }
    long within =
        world.with(Trouble.DEADLINES) && dice.chance(40)
            ? dice.between(MILLIS, 3_000 * MILLIS)
            : Long.MAX_VALUE;
    Sent mine = dice.chance(30) ? world.sendOnce(process, within) : world.send(process, within);
    Once once = mine.once;
    List<DataFile> files = List.of();
    try {
      if (atTheDoor) {
        Append append = table().newAppend().rows(maps(mine.ids));
        if (once != null) {
          append.once(once.source(), once.number());
        }
        if (within != Long.MAX_VALUE) {
          append.within(Duration.ofNanos(within));
        }
        world.committed(mine, append.commit());
      } else if (dice.chance(20) && !world.rowsOnly) {
        files = write(mine.ids);
        Payload payload = Payload.Files.of(Objects.requireNonNull(writtenOver), files);
        Committed done = share().line().append(RowIds.SCHEMA, payload, once, within);
        world.committed(mine, done);
        if (done.wasThere()) {
          delete(files);
        }
      } else {
        Payload payload = new Payload.Rows(batch(mine.ids));
        world.committed(mine, share().line().append(RowIds.SCHEMA, payload, once, within));
      }
    } catch (OutcomeUnknownException e) {
      world.unknown(mine, e);
    } catch (DataShardException e) {
      world.refused(mine, e);
      delete(files);
    }
  }

  private static List<Map<String, Object>> maps(List<Integer> ids) {
    return ids.stream()
        .map(id -> Map.<String, Object>of("id", id, "name", RowIds.nameOf(id)))
        .toList();
  }

  private static Batch batch(List<Integer> ids) {
    BatchBuilder builder = new BatchBuilder(RowIds.SCHEMA);
    MapEncoder encoder = new MapEncoder(RowIds.SCHEMA);
    maps(ids).forEach(row -> encoder.encode(row, 1, builder));
    return builder.build();
  }

  /** Data files of its own, as durable as the table asks for. */
  private List<DataFile> write(List<Integer> ids) {
    Head over = committer.knownHead();
    writtenOver = over;
    TableMetadata metadata = over.metadata();
    Storage leveled = committer.storageForCommits();
    DataFileWriter writer = new DataFileWriter(leveled, process, RowIds.SCHEMA, metadata);
    writer.write(batch(ids));
    writer.finish();
    leveled.makeDurable(writer.pending());
    return writer.files();
  }

  /** What was certainly not committed is removed, as the door does. */
  private void delete(List<DataFile> files) {
    for (DataFile file : files) {
      storage.delete(Locations.keyOf(file.location(), List.of(storage.location()), "this story"));
    }
  }

  /** Rows without an id, as a transaction appends them. */
  private void appendBeside() {
    if (atTheDoor) {
      table();
    } else {
      committer.newestOrGone();
    }
    Sent mine = world.send(process, Long.MAX_VALUE);
    List<DataFile> files = List.of();
    try {
      if (atTheDoor) {
        try (Transaction tx = table().newTransaction()) {
          tx.append(maps(mine.ids));
          tx.setProperty("owner", process.name());
          world.committed(mine, tx.commit());
        }
      } else {
        files = write(mine.ids);
        world.committed(mine, committer.commit(adding(files, Set.of())));
      }
    } catch (OutcomeUnknownException e) {
      world.unknown(mine, e);
    } catch (DataShardException e) {
      world.refused(mine, e);
      delete(files);
    }
  }

  private Change adding(List<DataFile> files, Set<String> removed) {
    return new Change(
        files,
        List.of(),
        Set.of(),
        removed,
        Map.of(),
        Set.of(),
        RowIds.SCHEMA,
        Objects.requireNonNull(writtenOver).version().number(),
        null);
  }

  // Other changes.

  private void setProperty() {
    int place = world.properties.size();
    String key = "story." + place;
    Oracle.Property asked = new Oracle.Property(key, Sent.Answer.UNKNOWN);
    world.properties.add(asked);
    try {
      if (atTheDoor) {
        PropertiesUpdate update = table().updateProperties();
        update.set(key, "1");
        update.commit();
      } else {
        committer.commit(
            new Change(List.of(), List.of(), Set.of(), Set.of(), Map.of(key, "1"), Set.of(), null));
      }
      world.properties.set(place, asked.answered(Sent.Answer.COMMITTED));
    } catch (OutcomeUnknownException e) {
      world.simulation.note("does not know whether it set", key);
    } catch (DataShardException e) {
      world.properties.set(place, asked.answered(Sent.Answer.REFUSED));
      throw e;
    }
  }

  /** Puts one data file's rows into another file. */
  private void rewrite() {
    Head head = look();
    List<DataFile> all = rows.files(head.metadata());
    if (all.isEmpty()) {
      return;
    }
    DataFile old = dice.pick(all);
    List<Integer> ids = rows.of(old);
    world.simulation.note("rewrites", old.location());
    List<DataFile> files = List.of();
    try {
      if (atTheDoor) {
        try (Transaction tx = table().newTransaction()) {
          tx.removeFiles(List.of(old.location()));
          tx.append(maps(ids));
          tx.commit();
        }
      } else {
        files = write(ids);
        committer.commit(adding(files, Set.of(old.location())));
      }
    } catch (OutcomeUnknownException e) {
      world.simulation.note("does not know whether it rewrote", old.location());
    } catch (ConflictException e) {
      delete(files); // another one was faster
    } catch (StorageException e) {
      delete(files);
      throw e;
    }
  }

  // Looking.

  private Head look() {
    long before = world.toldVersion();
    Head head = committer.newestOrGone();
    long version = head.version().number();
    if (version < Math.max(newest, before)) {
      throw new AssertionError(
          process.name()
              + " sees version "
              + version
              + " after it saw "
              + newest
              + " and somebody was told of "
              + before);
    }
    newest = version;
    world.seen.add(
        new Oracle.Seen(
            process.name(),
            version,
            head.metadata().currentSnapshotId(),
            rows.of(head.metadata())));
    return head;
  }
}
