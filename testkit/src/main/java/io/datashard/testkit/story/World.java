package io.datashard.testkit.story;

import io.datashard.error.ConflictException;
import io.datashard.error.DataShardException;
import io.datashard.error.FileMissingException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.ledger.Once;
import io.datashard.table.Committed;
import io.datashard.testkit.simulation.Dice;
import io.datashard.testkit.simulation.SimulatedProcess;
import io.datashard.testkit.simulation.SimulatedStore;
import io.datashard.testkit.simulation.Simulation;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** What all people of a story share: the store, the dice, and the book of who was told what. */
final class World {
  private static final String FLOOR = "metadata/floor/";

  final Simulation simulation;
  final SimulatedStore store;

  /** What happens in the story; the order of events has dice of its own. */
  final Dice dice;

  final Set<Trouble> troubles;
  final List<Sent> sent = new ArrayList<>();
  final List<Oracle.Seen> seen = new ArrayList<>();
  final List<Oracle.Property> properties = new ArrayList<>();
  final List<Frozen> frozen = new ArrayList<>();

  /** Whether the table was created so that its commits need not outlive power cuts. */
  boolean unsynced;

  /** Whether appends may give up because others are faster. */
  boolean impatient;

  /** Whether clean-ups of orphan files go over the table. */
  boolean swept;

  /** Whether no files are appended, only rows that others' commits may take along. */
  boolean rowsOnly;

  private long toldVersion;
  private int lastId;

  private final List<Numbered> numbered = new ArrayList<>();

  /** Rows that are sent again and again. */
  private record Numbered(Once once, List<Integer> ids) {}

  /** A time in which a process stood still. */
  record Frozen(String process, long from, long to) {}

  World(Simulation simulation, SimulatedStore store, Dice dice, Set<Trouble> troubles) {
    this.simulation = simulation;
    this.store = store;
    this.dice = dice;
    this.troubles = troubles;
  }

  boolean with(Trouble trouble) {
    return troubles.contains(trouble);
  }

  /** Rows that nobody else appends. */
  Sent send(SimulatedProcess by, long withinNanos) {
    List<Integer> ids = new ArrayList<>();
    int count = dice.between(1, 3);
    for (int i = 0; i < count; i++) {
      ids.add(++lastId);
    }
    Sent mine = new Sent(by.name(), ids, null, simulation.nanos(), withinNanos);
    sent.add(mine);
    simulation.note("appends", mine);
    return mine;
  }

  /** Rows that are known by a source and a number; mostly others have sent them before. */
  Sent sendOnce(SimulatedProcess by, long withinNanos) {
    if (numbered.isEmpty() || dice.chance(40)) {
      int place = numbered.size();
      // Spaces are three characters each in headers, so that ledgers come early; and numbers do
      // not come in order.
      String source = "source " + place % 3 + " ".repeat(240);
      numbered.add(new Numbered(new Once(source, place ^ 3), List.of(++lastId, ++lastId)));
    }
    Numbered rows = numbered.get(dice.below(numbered.size()));
    Sent mine = new Sent(by.name(), rows.ids(), rows.once(), simulation.nanos(), withinNanos);
    sent.add(mine);
    simulation.note("appends once", mine);
    return mine;
  }

  /** Somebody was told that his rows are in the table. */
  void committed(Sent mine, Committed as) {
    mine.committed(as, simulation.nanos());
    simulation.note("was told of", mine);
    acknowledged(as.version());
  }

  /** Somebody was told that his rows are not in the table and will not be. */
  void refused(Sent mine, DataShardException error) {
    mine.refused(error, simulation.nanos());
    simulation.note("was told of", mine);
    allow(error);
  }

  void unknown(Sent mine, RuntimeException error) {
    mine.unknown(error, simulation.nanos());
    simulation.note("was told of", mine);
  }

  /** Whoever acknowledges a version knows that it outlives a power cut (I3). */
  void acknowledged(long version) {
    toldVersion = Math.max(toldVersion, version);
    if (!store.isDurable(keyOf(version)) && !isBelowFloor(version) && !unsynced) {
      throw new AssertionError(keyOf(version) + " was acknowledged and is not durable");
    }
  }

  /** Whether the version may have been cleaned away: a floor above it is durable. */
  private boolean isBelowFloor(long version) {
    return store.keys().stream()
        .filter(key -> key.startsWith(FLOOR) && store.isDurable(key))
        .anyMatch(key -> Long.parseLong(key.substring(FLOOR.length())) > version);
  }

  private static String keyOf(long version) {
    return "metadata/v" + version + ".metadata.json";
  }

  /** The newest version that somebody was told of. */
  long toldVersion() {
    return toldVersion;
  }

  /** Fails the run if nothing happened that could excuse this error. */
  void allow(DataShardException error) {
    simulation.note("error", error);
    boolean network = store.kind() != SimulatedStore.Kind.DISK;
    boolean excused =
        error instanceof OutcomeUnknownException
            ? with(Trouble.SURPRISES) || with(Trouble.REFUSALS) || network
            : error instanceof StorageException
                && (with(Trouble.REFUSALS)
                    || with(Trouble.LOST_ANSWERS) && network
                    || with(Trouble.FULL_DISK)
                    || with(Trouble.INTERRUPTS)
                    || store.hasClient() && clientMayGiveUp()
                    || with(Trouble.DEADLINES)
                    || impatient);
    if (!excused && !(swept && isOfSweep(error))) {
      throw new AssertionError("Nothing excuses " + error, error);
    }
  }

  /** Whether a client may have had enough: of waiting, or of what nobody foresaw. */
  private boolean clientMayGiveUp() {
    return with(Trouble.SLOW_CALLS)
        || with(Trouble.SLOW_DISK)
        || with(Trouble.SURPRISES)
        || !frozen.isEmpty();
  }

  /** Whether somebody took so long that a clean-up took his files for orphans. */
  private static boolean isOfSweep(DataShardException error) {
    String told = String.valueOf(error.getMessage());
    return error instanceof ConflictException && told.contains("clean-up of orphan files")
        || error instanceof FileMissingException;
  }

  /** Whether this error was none of the protocol's. */
  static boolean isSurprise(Throwable error) {
    return String.valueOf(error.getMessage()).contains(SimulatedStore.SURPRISE);
  }
}
