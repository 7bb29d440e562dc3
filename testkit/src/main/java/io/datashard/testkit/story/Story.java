package io.datashard.testkit.story;

import io.datashard.SimulatedDoor;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.storage.Storage;
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
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run: what a seed makes machines, processes and threads do to one table, what goes wrong
 * meanwhile, and whether the table is afterwards what everybody was told.
 */
public final class Story {
  private static final long MILLIS = 1_000_000;
  private static final long SECONDS = 1_000 * MILLIS;
  private static final int OPENS_MAX = 20;

  /** The thread that makes rounds. */
  private static final String LINE = "datashard-line";

  /** The thread that does what nobody waits for. */
  private static final String CHORES = "datashard-chores";

  private final Dice dice;
  private final Simulation simulation;
  private final SimulatedStore store;
  private final World world;
  private final List<SimulatedMachine> machines = new ArrayList<>();
  private final Map<String, String> properties = new HashMap<>();
  private final int jobsMax;
  private final boolean cleans;
  private final @Nullable Sweeps sweeps;
  private int powerCutsLeft = 2;

  /**
   * A story that has not begun.
   *
   * @param removed a protection that is missing in it; null if none is
   */
  public Story(long seed, Workers workers, @Nullable Trace trace, @Nullable Protection removed) {
    this(seed, workers, trace, removed, null);
  }

  /** The same in a bucket that all processes reach through this client. */
  public Story(long seed, Workers workers, @Nullable Trace trace, SimulatedStore.Client client) {
    this(seed, workers, trace, null, client);
  }

  private Story(
      long seed,
      Workers workers,
      @Nullable Trace trace,
      @Nullable Protection removed,
      SimulatedStore.@Nullable Client client) {
    dice = new Dice(seed * 31 + 7);
    simulation = new Simulation(seed, workers, trace);
    boolean isByTheClock = removed == Protection.STORE_CLOCK;
    SimulatedStore.Kind drawn = dice.pick(List.of(SimulatedStore.Kind.values()));
    SimulatedStore.Kind kind = isByTheClock ? SimulatedStore.Kind.BUCKET : drawn;
    store =
        client == null
            ? new SimulatedStore(simulation, kind)
            : new SimulatedStore(simulation, client);
    world = new World(simulation, store, dice, troubles(dice));
    addTrouble(Trouble.FREEZES, isByTheClock ? 100 : 0); // only who sleeps needs it
    if (client != null) { // it is there for these
      addTrouble(Trouble.LOST_ANSWERS, 50);
      addTrouble(Trouble.REFUSALS, 30);
    }
    jobsMax = dice.chance(3) ? 30 : 4;
    properties.put(TableProperties.PARQUET_CODEC, "uncompressed");
    properties.put(TableProperties.HEAD_BYTES, "8192"); // so that stories of ten commits archive
    if (dice.chance(20)) {
      world.impatient = true;
      properties.put(TableProperties.RETRY_MILLIS_MAX, String.valueOf(dice.between(100L, 3_000L)));
    }
    if (store.kind() != SimulatedStore.Kind.BUCKET && dice.chance(20)) {
      world.unsynced = dice.chance(50);
      properties.put(TableProperties.DURABILITY, world.unsynced ? "os" : "fsync");
    }
    cleans = dice.chance(40);
    if (cleans) { // a few commits are enough
      properties.put(TableProperties.VERSIONS_MIN, String.valueOf(dice.between(2, 4)));
      properties.put(
          TableProperties.VERSION_MILLIS_MIN,
          String.valueOf(dice.chance(50) ? 0 : dice.below(2_000)));
    }
    Dice others = new Dice(seed * 37 + 11);
    sweeps = others.chance(25) ? new Sweeps(world, others, removed != Protection.FENCE) : null;
    world.swept = sweeps != null;
    if (store.kind() == SimulatedStore.Kind.BUCKET && sweeps == null) {
      // In a bucket versions stay for an hour, and writers go by that for half of it.
      store.clockFactor(isByTheClock ? 10_000 : others.pick(List.of(1L, 300L, 3_000L, 10_000L)));
    }
    world.rowsOnly = removed == Protection.MADE_AGAIN;
    simulation.allowUncaught(World::isSurprise);
    makeMachines();
    makeWeather();
    if (removed != null) {
      removed.removeFrom(store);
      machines.forEach(removed::removeFrom);
    }
    simulation.note(
        "story", store.kind() + ", " + machines.size() + " machines, " + world.troubles);
    int processes = dice.between(1, 4);
    for (int i = 0; i < processes; i++) {
      SimulatedMachine machine = dice.pick(machines);
      long start = dice.chance(70) ? dice.below(3 * MILLIS) : dice.below(3 * SECONDS);
      simulation.after(start, () -> live(machine, 2));
    }
    if (sweeps != null) {
      sweeps.plan(others.pick(machines));
    }
  }

  private static Set<Trouble> troubles(Dice dice) {
    Set<Trouble> troubles = EnumSet.noneOf(Trouble.class);
    int percent = dice.pick(List.of(0, 10, 30, 30, 30));
    for (Trouble each : Trouble.values()) {
      if (dice.chance(percent)) {
        troubles.add(each);
      }
    }
    return troubles;
  }

  private void addTrouble(Trouble trouble, int percent) {
    if (dice.chance(percent)) {
      world.troubles.add(trouble);
    }
  }

  private boolean with(Trouble trouble) {
    return world.with(trouble);
  }

  private void makeMachines() {
    int count = dice.between(1, store.kind() == SimulatedStore.Kind.DISK ? 2 : 3);
    for (int i = 1; i <= count; i++) {
      SimulatedMachine machine = simulation.machine("m" + i);
      machines.add(machine);
      machine.share(!(with(Trouble.NOTHING_SHARED) && dice.chance(50)));
      if (with(Trouble.BAD_WIRES)) {
        machine.wires(dice.between(0, 30), dice.between(0, 60), dice.between(0, 60));
      }
    }
    if (with(Trouble.CLOCK_JUMPS)) {
      simulation.after(
          dice.below(SECONDS),
          () -> dice.pick(machines).jumpClock(dice.between(-4_000_000L, 4_000_000L)));
    }
  }

  private void makeWeather() {
    store.weather(
        new Weather(
            with(Trouble.REFUSALS) ? dice.between(1, 3) : 0,
            with(Trouble.LOST_ANSWERS) ? dice.between(1, 4) : 0,
            with(Trouble.LOST_ANSWERS) ? dice.between(5, 40) : 0,
            with(Trouble.SLOW_CALLS) ? dice.between(1, 20) : 0,
            with(Trouble.SURPRISES) ? dice.between(1, 10) : 0));
    store.beforeCreate(this::beforeCreate);
    store.afterCreate(this::afterCreate);
    if (with(Trouble.FULL_DISK)) {
      simulation.after(dice.below(200 * MILLIS), () -> store.fill(dice.below(2 * SECONDS)));
    }
    if (with(Trouble.SLOW_DISK)) {
      simulation.after(dice.below(200 * MILLIS), () -> store.slow(dice.below(10 * SECONDS)));
    }
  }

  // Processes.

  private void live(SimulatedMachine machine, int livesLeft) {
    SimulatedProcess process = machine.process("p");
    plan(process, machine, livesLeft);
    process.scarcity(with(Trouble.SURPRISES) ? 50 : 0);
    Storage storage = store.seenBy(process);
    process.startUser(
        "main",
        () -> {
          Committer committer = new Committer(storage, process);
          if (!open(process, storage, committer)) {
            return;
          }
          int users = dice.between(1, 3);
          boolean handles = dice.chance(50);
          for (int i = 1; i <= users; i++) {
            Committer its = handles ? new Committer(storage, process) : committer;
            User user = new User(world, process, storage, its, dice.between(1, jobsMax));
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
    if (with(Trouble.POWER_CUTS) && dice.chance(30)) {
      process.atCall(dice.between(1, 150), this::cutPower);
    }
  }

  /** A process sleeps on its way to a version that others make and clean away meanwhile. */
  private void beforeCreate(SimulatedProcess creator) {
    if (creator.isDead() || sweeps != null && sweeps.isOver()) {
      return;
    }
    if (with(Trouble.FREEZES) && dice.chance(5)) {
      freeze(creator);
    } else if (sweeps != null && sweeps.freezesNow()) {
      freeze(creator, sweeps.freezeNanos());
    }
  }

  /** The most delicate moment: a version is there, and its creator does not know yet. */
  private void afterCreate(SimulatedProcess creator) {
    if (creator.isDead() || sweeps != null && sweeps.isOver()) {
      return;
    }
    if (with(Trouble.FREEZES) && dice.chance(8)) {
      freeze(creator);
    } else if (with(Trouble.KILLS) && dice.chance(4)) {
      restart(creator, creator.home(), 2);
    } else if (with(Trouble.POWER_CUTS) && dice.chance(4)) {
      cutPower();
    }
  }

  private void restart(SimulatedProcess process, SimulatedMachine machine, int livesLeft) {
    process.kill();
    if (livesLeft > 1) {
      simulation.after(dice.below(300 * MILLIS), () -> live(machine, livesLeft - 1));
    }
  }

  private void freeze(SimulatedProcess process) {
    freeze(process, dice.chance(50) ? dice.below(2 * SECONDS) : dice.below(20 * SECONDS));
  }

  private void freeze(SimulatedProcess process, long length) {
    process.freeze();
    world.frozen.add(
        new World.Frozen(process.name(), simulation.nanos(), simulation.nanos() + length));
    simulation.after(length, process::resume);
  }

  private void cutPower() {
    if (store.kind() != SimulatedStore.Kind.DISK || powerCutsLeft == 0 || world.unsynced) {
      return;
    }
    powerCutsLeft--;
    machines.forEach(SimulatedMachine::kill);
    store.cutPower();
    simulation.after(dice.below(300 * MILLIS), () -> live(dice.pick(machines), 1));
  }

  /** Creates the table or finds it. */
  private boolean open(SimulatedProcess process, Storage storage, Committer committer) {
    boolean create = dice.chance(60);
    for (int i = 0; i < OPENS_MAX; i++) {
      try {
        if (create) {
          var table = SimulatedDoor.tables(storage, process).newTable("t", RowIds.SCHEMA);
          properties.forEach(table::property);
          table.create().close();
          world.acknowledged(1);
        }
        if (committer.newest().isPresent()) {
          return true;
        }
        create = i > 10;
      } catch (OutcomeUnknownException | StorageException e) {
        simulation.note("cannot open", e);
      } catch (RuntimeException | OutOfMemoryError e) {
        if (!World.isSurprise(e)) {
          throw e;
        }
      }
      try {
        process.sleep(Duration.ofMillis(100));
      } catch (InterruptedException e) {
        return false;
      }
    }
    return false;
  }

  // How it ends.

  /** Plays it and looks at the table afterwards. */
  public void run() {
    simulation.run();
    if (sweeps != null) {
      sweeps.planLast(machines.get(0));
      simulation.run();
    }
    if (store.versions().isEmpty()) {
      if (world.toldVersion() > 0) {
        throw new AssertionError("The table is gone.");
      }
      return;
    }
    Oracle oracle = new Oracle(store);
    oracle.readAll();
    oracle.judge(world.sent);
    oracle.judgeSeen(world.seen);
    oracle.judgeProperties(world.properties);
    if (oracle.newest() < world.toldVersion()) {
      throw new AssertionError(
          "Version "
              + oracle.newest()
              + " is the newest, and somebody was told of "
              + world.toldVersion());
    }
    if (new Promptness(world).applies()) {
      new Promptness(world).judge();
    }
    if (isTidy() || sweeps != null) {
      oracle.judgeRubbish();
    }
    if (returnsTickets()) {
      oracle.judgeTickets();
    }
  }

  /** Whether nothing happened that may leave a place in the queue of committers behind. */
  private boolean returnsTickets() {
    Set<Trouble> returning =
        EnumSet.of(
            Trouble.SLOW_CALLS,
            Trouble.SLOW_DISK,
            Trouble.FREEZES,
            Trouble.CLOCK_JUMPS,
            Trouble.INTERRUPTS,
            Trouble.DEADLINES,
            Trouble.BAD_WIRES,
            Trouble.NOTHING_SHARED);
    if (store.hasClient()) { // what it gave up may come after what it did then
      returning.removeAll(EnumSet.of(Trouble.SLOW_CALLS, Trouble.SLOW_DISK, Trouble.INTERRUPTS));
    }
    return returning.containsAll(world.troubles)
        // Who uses no handle waits for nothing that is done beside.
        && simulation.processes().stream().noneMatch(each -> each.cutShort().contains(CHORES));
  }

  /** Whether nothing happened that may leave files behind which no version names. */
  private boolean isTidy() {
    Set<Trouble> tidy =
        EnumSet.of(
            Trouble.SLOW_CALLS,
            Trouble.SLOW_DISK,
            Trouble.FREEZES,
            Trouble.CLOCK_JUMPS,
            Trouble.BAD_WIRES,
            Trouble.NOTHING_SHARED);
    if (store.kind() == SimulatedStore.Kind.DISK) {
      tidy.add(Trouble.LOST_ANSWERS); // there is no network to lose them
    }
    if (store.hasClient()) { // it gives up what takes long
      tidy.removeAll(EnumSet.of(Trouble.SLOW_CALLS, Trouble.SLOW_DISK, Trouble.FREEZES));
    }
    if (cleans) { // who slept so long that his version was cleaned away leaves its files
      tidy.removeAll(EnumSet.of(Trouble.SLOW_CALLS, Trouble.SLOW_DISK, Trouble.FREEZES));
    }
    return tidy.containsAll(world.troubles)
        && world.sent.stream().noneMatch(each -> each.answer == Sent.Answer.UNKNOWN)
        // Who leaves waits for the round of others that he is making, but not for ever.
        && simulation.processes().stream().noneMatch(each -> each.cutShort().contains(LINE));
  }
}
