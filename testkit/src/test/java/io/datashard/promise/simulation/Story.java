package io.datashard.promise.simulation;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.relay.Line;
import io.datashard.internal.relay.Lines;
import io.datashard.internal.relay.Payload;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.internal.rows.FileSettings;
import io.datashard.internal.rows.MapEncoder;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.testkit.simulation.Dice;
import io.datashard.testkit.simulation.SimulatedMachine;
import io.datashard.testkit.simulation.SimulatedProcess;
import io.datashard.testkit.simulation.SimulatedStore;
import io.datashard.testkit.simulation.Simulation;
import io.datashard.testkit.simulation.Trace;
import io.datashard.testkit.simulation.Weather;
import io.datashard.testkit.simulation.Workers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run: what a seed makes machines, processes and threads do to one table, what goes wrong
 * meanwhile, and whether the table is afterwards what everybody was told.
 */
final class Story {
  private static final long MILLIS = 1_000_000;
  private static final long SECONDS = 1_000 * MILLIS;

  private final Dice dice;
  private final Simulation simulation;
  private final SimulatedStore store;
  private final List<SimulatedMachine> machines = new ArrayList<>();
  private final List<Sent> sent = new ArrayList<>();
  private final List<Oracle.Seen> seen = new ArrayList<>();
  private final List<Oracle.Property> properties = new ArrayList<>();
  private final Map<String, String> tableProperties = new HashMap<>();

  /** What goes wrong in this run. */
  private final Set<Trouble> troubles;

  /** The newest version that somebody was told his rows are in. */
  private long told;

  private int lastId;
  private int powerCutsLeft = 2;

  /** What can go wrong. */
  enum Trouble {
    REFUSALS,
    LOST_ANSWERS,
    SLOW_CALLS,
    KILLS,
    FREEZES,
    POWER_CUTS,
    CLOCK_JUMPS,
    FULL_DISK,
    SLOW_DISK,
    INTERRUPTS,
    DEADLINES,
    BAD_WIRES,
    NOTHING_SHARED
  }

  Story(long seed, Workers workers, @Nullable Trace trace, @Nullable Protection removed) {
    dice = new Dice(seed * 31 + 7);
    simulation = new Simulation(seed, workers, trace);
    store = new SimulatedStore(simulation, dice.pick(List.of(SimulatedStore.Kind.values())));
    troubles = java.util.EnumSet.noneOf(Trouble.class);
    if (!dice.chance(10)) {
      for (Trouble each : Trouble.values()) {
        if (dice.chance(30)) {
          troubles.add(each);
        }
      }
    }
    tableProperties.put(TableProperties.PARQUET_CODEC, "uncompressed");
    if (dice.chance(20)) {
      tableProperties.put(
          TableProperties.RETRY_MILLIS_MAX, String.valueOf(dice.between(100L, 3_000L)));
    }
    if (removed != null) {
      removed.removeFrom(store);
    }
    prepare(removed);
  }

  Simulation simulation() {
    return simulation;
  }

  long versions() {
    return told;
  }

  int appends() {
    return sent.size();
  }

  // What happens.

  private boolean with(Trouble trouble) {
    return troubles.contains(trouble);
  }

  private void prepare(@Nullable Protection removed) {
    int slow = with(Trouble.SLOW_CALLS) ? dice.between(1, 20) : 0;
    store.weather(
        new Weather(
            with(Trouble.REFUSALS) ? dice.between(1, 3) : 0,
            with(Trouble.LOST_ANSWERS) ? dice.between(1, 4) : 0,
            with(Trouble.LOST_ANSWERS) ? dice.between(5, 40) : 0,
            slow));
    int machineCount = dice.between(1, store.kind() == SimulatedStore.Kind.DISK ? 2 : 3);
    for (int i = 1; i <= machineCount; i++) {
      SimulatedMachine machine = simulation.machine("m" + i);
      machines.add(machine);
      if (removed != null) {
        removed.removeFrom(machine);
      }
      machine.share(!(with(Trouble.NOTHING_SHARED) && dice.chance(50)));
      if (with(Trouble.BAD_WIRES)) {
        machine.wires(dice.between(0, 30), dice.between(0, 60), dice.between(0, 60));
      }
    }
    simulation.note("story", store.kind() + " " + machineCount + " machines " + troubles);
    int processes = dice.between(1, 4);
    for (int i = 0; i < processes; i++) {
      SimulatedMachine machine = dice.pick(machines);
      simulation.after(
          dice.chance(70) ? dice.below(3 * MILLIS) : dice.below(3 * SECONDS),
          () -> live(machine, 2));
    }
    store.afterCreate(this::afterCreate);
    if (with(Trouble.FULL_DISK)) {
      simulation.after(dice.below(200 * MILLIS), () -> store.fill(dice.below(2 * SECONDS)));
    }
    if (with(Trouble.SLOW_DISK)) {
      simulation.after(dice.below(200 * MILLIS), () -> store.slow(dice.below(10 * SECONDS)));
    }
    if (with(Trouble.CLOCK_JUMPS)) {
      simulation.after(
          dice.below(SECONDS),
          () -> dice.pick(machines).jumpClock(dice.between(-4_000_000L, 4_000_000L)));
    }
  }

  /** A process's life. */
  private void live(SimulatedMachine machine, int livesLeft) {
    SimulatedProcess process = machine.process("p");
    plan(process, machine, livesLeft);
    Storage storage = store.seenBy(process);
    process.startUser(
        "main",
        () -> {
          Committer committer = new Committer(storage, process);
          if (!open(process, committer)) {
            return;
          }
          int users = dice.between(1, 3);
          boolean ownCommitters = dice.chance(50);
          for (int i = 1; i <= users; i++) {
            Committer its = ownCommitters ? new Committer(storage, process) : committer;
            User user = new User(process, storage, its);
            process.startUser("user" + i, user::work);
          }
        });
  }

  private void plan(SimulatedProcess process, SimulatedMachine machine, int livesLeft) {
    if (with(Trouble.KILLS) && dice.chance(60)) {
      process.atCall(dice.between(1, 120), () -> restart(process, machine, livesLeft));
    }
    if (with(Trouble.FREEZES) && dice.chance(60)) {
      process.atCall(dice.between(1, 120), () -> freeze(process));
    }
    if (with(Trouble.INTERRUPTS)) {
      String thread = "user" + dice.between(1, 3);
      process.atCall(dice.between(1, 120), () -> process.interrupt(thread));
    }
    if (with(Trouble.POWER_CUTS) && mayCutPower() && dice.chance(30)) {
      process.atCall(dice.between(1, 150), this::cutPower);
    }
  }

  /** The most delicate moment: a version is there, and its creator does not know yet. */
  private void afterCreate(SimulatedProcess creator) {
    if (creator.isDead()) {
      return;
    }
    if (with(Trouble.FREEZES) && dice.chance(8)) {
      freeze(creator);
    } else if (with(Trouble.KILLS) && dice.chance(4)) {
      restart(creator, creator.home(), 2);
    } else if (with(Trouble.POWER_CUTS) && mayCutPower() && dice.chance(4)) {
      cutPower();
    }
  }

  private void freeze(SimulatedProcess process) {
    process.freeze();
    long length = dice.chance(50) ? dice.below(2 * SECONDS) : dice.below(20 * SECONDS);
    simulation.after(length, process::resume);
  }

  private boolean mayCutPower() {
    return store.kind() == SimulatedStore.Kind.DISK && powerCutsLeft > 0;
  }

  private void restart(SimulatedProcess process, SimulatedMachine machine, int livesLeft) {
    process.kill();
    if (livesLeft > 1) {
      simulation.after(dice.below(300 * MILLIS), () -> live(machine, livesLeft - 1));
    }
  }

  private void cutPower() {
    if (!mayCutPower()) {
      return;
    }
    powerCutsLeft--;
    machines.forEach(SimulatedMachine::kill);
    store.cutPower();
    simulation.after(dice.below(300 * MILLIS), () -> live(dice.pick(machines), 1));
  }

  private boolean open(SimulatedProcess process, Committer committer) {
    for (int i = 0; i < 20; i++) {
      try {
        if (committer.newest().isEmpty()) {
          committer.create(RowIds.SCHEMA, tableProperties);
          told = Math.max(told, 1);
          requireDurable(1);
        }
        return true;
      } catch (OutcomeUnknownException | StorageException e) {
        sleep(process, 100 * MILLIS);
      }
    }
    return false;
  }

  /** Whoever acknowledges a version knows that it outlives a power cut (I3). */
  private void requireDurable(long version) {
    String key = "metadata/v" + version + ".metadata.json";
    if (!store.isDurable(key)) {
      throw new AssertionError(key + " was acknowledged and is not durable");
    }
  }

  private void sleep(SimulatedProcess process, long nanos) {
    try {
      process.sleep(Duration.ofNanos(nanos));
    } catch (InterruptedException e) {
      simulation.note("was interrupted in its sleep", process);
    }
  }

  /** A thread of the application. */
  private final class User {
    private final SimulatedProcess process;
    private final Storage storage;
    private final Committer committer;
    private final RowIds rows;
    private long newest;

    User(SimulatedProcess process, Storage storage, Committer committer) {
      this.process = process;
      this.storage = storage;
      this.committer = committer;
      this.rows = new RowIds(storage);
    }

    void work() {
      Lines.Share share = null;
      int jobs = dice.between(1, 4);
      for (int i = 0; i < jobs; i++) {
        try {
          if (share == null) {
            committer.newestOrGone();
            share = Lines.of(process).share(storage, committer);
          }
          job(share.line());
        } catch (StorageException e) {
          allow(e);
        }
        Thread.interrupted();
        if (dice.chance(60)) {
          sleep(process, dice.chance(80) ? dice.below(10 * MILLIS) : dice.below(8 * SECONDS));
        }
      }
      if (share != null && dice.chance(70)) {
        share.close();
      }
    }

    private void job(Line line) {
      int what = dice.below(100);
      if (what < 70) {
        append(line);
      } else if (what < 80) {
        look();
      } else if (what < 87) {
        setProperty();
      } else if (what < 94) {
        appendBeside();
      } else {
        rewrite();
      }
    }

    private void append(Line line) {
      Sent mine = send();
      long within =
          with(Trouble.DEADLINES) && dice.chance(40)
              ? dice.between(MILLIS, 3 * SECONDS)
              : Long.MAX_VALUE;
      List<DataFile> files = List.of();
      try {
        Payload payload;
        if (dice.chance(15)) {
          files = write(mine.ids);
          payload = Payload.Files.of(committer.knownMetadata(), files);
        } else {
          payload = new Payload.Rows(batch(mine.ids));
        }
        simulation.note("appends", mine);
        told(mine, line.append(RowIds.SCHEMA, payload, within));
      } catch (OutcomeUnknownException e) {
        mine.unknown(e);
      } catch (DataShardException e) {
        mine.refused(e);
        allow(e);
        delete(files);
      }
      simulation.note("was told", mine);
    }

    private void told(Sent mine, Committed committed) {
      mine.committed(committed);
      simulation.note("was told", mine);
      told = Math.max(told, committed.version());
      requireDurable(committed.version());
      if (with(Trouble.POWER_CUTS) && dice.chance(10)) {
        cutPower(); // what somebody was told is durable from this moment on
      }
    }

    private Sent send() {
      List<Integer> ids = new ArrayList<>();
      int count = dice.between(1, 3);
      for (int i = 0; i < count; i++) {
        ids.add(++lastId);
      }
      Sent mine = new Sent(process.name(), ids);
      sent.add(mine);
      return mine;
    }

    private Batch batch(List<Integer> ids) {
      BatchBuilder builder = new BatchBuilder(RowIds.SCHEMA);
      MapEncoder encoder = new MapEncoder(RowIds.SCHEMA);
      int row = 0;
      for (int id : ids) {
        encoder.encode(Map.of("id", id, "name", RowIds.nameOf(id)), ++row, builder);
      }
      return builder.build();
    }

    /** Data files of its own, durable. */
    private List<DataFile> write(List<Integer> ids) {
      TableMetadata metadata = committer.knownMetadata();
      DataFileWriter writer =
          new DataFileWriter(
              storage,
              process,
              RowIds.SCHEMA,
              metadata.spec(),
              FileSettings.of(metadata.properties()));
      writer.write(batch(ids));
      writer.finish();
      storage.makeDurable(writer.pending());
      return writer.files();
    }

    /** What was certainly not committed is removed, as the door does. */
    private void delete(List<DataFile> files) {
      for (DataFile file : files) {
        try {
          storage.delete(
              Locations.keyOf(file.location(), List.of(storage.location()), "this story"));
        } catch (StorageException e) {
          allow(e);
        }
      }
    }

    /** Rows without an id, as a transaction appends them. */
    private void appendBeside() {
      Sent mine = send();
      List<DataFile> files = List.of();
      try {
        files = write(mine.ids);
        told(mine, committer.commit(adding(files, Set.of())));
      } catch (OutcomeUnknownException e) {
        mine.unknown(e);
      } catch (DataShardException e) {
        mine.refused(e);
        allow(e);
        delete(files);
      }
      simulation.note("beside the line was told", mine);
    }

    private Change adding(List<DataFile> files, Set<String> removed) {
      return new Change(files, List.of(), Set.of(), removed, Map.of(), Set.of(), RowIds.SCHEMA);
    }

    private void setProperty() {
      String key = "story." + process.name() + "." + properties.size();
      int place = properties.size();
      properties.add(new Oracle.Property(key, Sent.Answer.UNKNOWN));
      try {
        committer.commit(
            new Change(List.of(), List.of(), Set.of(), Set.of(), Map.of(key, "1"), Set.of(), null));
        properties.set(place, new Oracle.Property(key, Sent.Answer.COMMITTED));
      } catch (OutcomeUnknownException e) {
        simulation.note("does not know whether it set", key);
      } catch (DataShardException e) {
        properties.set(place, new Oracle.Property(key, Sent.Answer.REFUSED));
        allow(e);
      }
    }

    /** Puts one data file's rows into another file. */
    private void rewrite() {
      Head head = look();
      if (head == null) {
        return;
      }
      List<DataFile> files = List.of();
      try {
        List<DataFile> all = rows.files(head.metadata());
        if (all.isEmpty()) {
          return;
        }
        DataFile old = dice.pick(all);
        files = write(rows.of(old));
        committer.commit(adding(files, Set.of(old.location())));
        simulation.note("rewrote", old.location());
      } catch (OutcomeUnknownException e) {
        simulation.note("does not know whether it rewrote", "a file");
      } catch (io.datashard.error.ConflictException e) {
        simulation.note("could not rewrite", "a file");
        delete(files);
      } catch (DataShardException e) {
        allow(e);
        delete(files);
      }
    }

    private @Nullable Head look() {
      long before = told;
      try {
        Head head = committer.newestOrGone();
        long version = head.version().number();
        if (version < Math.max(newest, before)) {
          throw new AssertionError(
              process.name()
                  + " sees version "
                  + version
                  + " after it saw "
                  + newest
                  + " and somebody was told "
                  + before);
        }
        newest = version;
        seen.add(
            new Oracle.Seen(
                process.name(),
                version,
                head.metadata().currentSnapshotId(),
                rows.of(head.metadata())));
        return head;
      } catch (StorageException e) {
        allow(e);
        return null;
      }
    }
  }

  /** Fails the run if nothing happened that could excuse this error. */
  private void allow(DataShardException error) {
    boolean excused =
        error instanceof StorageException
            && (with(Trouble.REFUSALS)
                || with(Trouble.LOST_ANSWERS) && store.kind() != SimulatedStore.Kind.DISK
                || with(Trouble.FULL_DISK)
                || with(Trouble.INTERRUPTS)
                || with(Trouble.DEADLINES)
                || tableProperties.containsKey(TableProperties.RETRY_MILLIS_MAX));
    simulation.note("error", error);
    if (!excused) {
      throw new AssertionError("Nothing excuses " + error, error);
    }
  }

  // How it ends.

  /** Runs it and looks at the table afterwards. */
  void run() {
    simulation.run();
    Storage left = store.copy();
    if (left.names("metadata", "v").isEmpty()) {
      if (told > 0) {
        throw new AssertionError("The table is gone.");
      }
      return;
    }
    Oracle oracle = new Oracle(left);
    oracle.readAll();
    oracle.judge(sent);
    oracle.judgeSeen(seen);
    oracle.judgeProperties(properties);
    if (oracle.newest() < told) {
      throw new AssertionError(
          "Version " + oracle.newest() + " is the newest, and somebody was told " + told);
    }
  }
}
