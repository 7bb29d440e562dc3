package io.datashard.internal.commit;

import io.datashard.error.DataShardException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Monitor;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where committers of a table in a remote store line up: tickets in {@code metadata/queue/}. (The
 * bakery algorithm of Lamport, CACM 17(8), 1974, with the store's listing for its numbers.)
 *
 * <p>In a remote store winning costs two round trips and losing five, so who has won wins again,
 * for ever. Therefore whoever loses twice draws a ticket, and goes when it is the oldest; whoever
 * wins looks now and then for tickets, and lines up behind them. A ticket's turn is a few wins,
 * then the ticket is given back.
 *
 * <p>Tickets are in the order of the versions that were the newest when they were drawn: no clock
 * matters, and each turn that comes moves those who draw later further back. A ticket tells how
 * long an attempt of its owner takes, so that others are patient for as long: an owner who does not
 * use its turn within that time is thought to be gone, and its ticket is deleted.
 *
 * <p>All of it is courtesy among those who want to commit to the same table: nothing is right or
 * wrong by it. Whoever cannot reach the queue, or lost its ticket, commits without. Only the
 * exclusive create of a version decides (I1).
 *
 * <p>Safe for use by many threads; one of them waits in the queue, the others try without.
 */
final class CommitQueue {
  private static final Logger LOG = LoggerFactory.getLogger(CommitQueue.class);
  static final String FOLDER = "metadata/queue";

  /** Who loses so often lines up; one loss now and then is cheaper than a ticket. */
  private static final int LOSSES_MIN = 2;

  /** A turn is over after so many wins. */
  static final int TURN_WINS = 8;

  /** A turn is over when so many attempts could have been made in it. */
  private static final int TURN_ATTEMPTS_MAX = 2 * TURN_WINS;

  /**
   * Whoever is next, third after that, and so on, reads while it waits what it would have to read
   * in its turn. The versions of so many turns name each other's snapshots.
   */
  private static final int PLACES_A_LOOK = 3;

  /** Nobody looks for tickets more rarely than after so many wins. */
  private static final int UNLOOKED_WINS_MAX = 40;

  private static final long SLEEP_NANOS_MAX = Duration.ofSeconds(1).toNanos();

  /** Who could not reach the queue tries again after so long, and after twice as long each time. */
  private static final long OUT_OF_REACH_NANOS_MIN = Duration.ofSeconds(1).toNanos();

  private static final int OUT_OF_REACH_DOUBLINGS_MAX = 6;

  /** Who cannot delete so many of its tickets draws no more of them. */
  private static final int LEFT_MAX = 3;

  /** So many versions ahead of those that we know nobody is: it is no ticket of ours. */
  private static final long VERSIONS_AHEAD_MAX = 1_000;

  /** So many tickets of others are deleted at once: our own must not wait long behind them. */
  private static final int DELETED_MAX = 64;

  /** So many names are remembered even if they are not seen any more: listings may be old. */
  private static final int IGNORED_MAX = 1_000;

  private final Storage storage;
  private final Env env;
  private final Newest newest;

  /** Nobody waits for the end of these, but the next in the queue waits for their effect. */
  private final Chores chores;

  private final Monitor monitor;

  // Guarded by the monitor.
  private @Nullable Ticket ticket;

  /** Given back, and not known to be gone from the store. */
  private final List<Ticket> left = new ArrayList<>();

  /**
   * Names of tickets that count no more, whatever listings say: our own that were given back, and
   * those of owners who are gone.
   */
  private final Set<String> ignored = new HashSet<>();

  private boolean isTurn;
  private long turnBeganNanos;

  /** Whether a thread waits for our turn. */
  private boolean isLinedUp;

  /** Whether the line of this process commits one round after another. */
  private boolean isLineBusy;

  /** How many others of this process are committing. */
  private int committing;

  private boolean isClosed;

  /** How often in a row the queue could not be reached, and since when it cannot. */
  private int misses;

  private long missedNanos;

  /** Whether others had tickets at the last look. */
  private boolean areOthersWaiting;

  /** Since the turn began, or since the last look for tickets. */
  private int wins;

  private int unlookedWinsMax = TURN_WINS;

  /** What this committer knows of the table's newest version, and of itself. */
  interface Newest {
    /** The number of the newest version that was seen so far. */
    long known();

    /**
     * The number of the newest version, looked for in the store.
     *
     * @throws DataShardException the store refused, or the table is gone
     */
    long look();

    /**
     * Reads what the next attempt would read of all that others committed so far.
     *
     * @throws DataShardException as for {@link #look}
     */
    void catchUp();

    /** What an attempt to commit takes, in nanoseconds. */
    long attemptNanos();
  }

  CommitQueue(Storage storage, Env env, Newest newest) {
    this.storage = storage;
    this.env = env;
    this.newest = newest;
    this.monitor = env.monitor();
    this.chores = new Chores(env, false);
  }

  private void locked(Runnable change) {
    monitor.lock();
    try {
      change.run();
    } finally {
      monitor.unlock();
    }
  }

  /** Somebody besides the line begins to commit. */
  void enter() {
    locked(() -> committing++);
  }

  /** Ends what {@link #enter} began. */
  void exit() {
    locked(
        () -> {
          committing--;
          giveBackUnlessNeeded();
        });
  }

  /** The line begins to commit, or goes on. */
  void lineCommits() {
    locked(() -> isLineBusy = true);
  }

  /** The line has nothing to commit: the next one may go. */
  void lineLeaves() {
    locked(
        () -> {
          isLineBusy = false;
          giveBackUnlessNeeded();
        });
  }

  /** The line may be used, until {@link #close}. */
  void open() {
    locked(() -> isClosed = false);
  }

  /** The process may end now: what its line still commits it commits without a ticket. */
  void close() {
    locked(
        () -> {
          isClosed = true;
          giveBackUnlessNeeded();
          monitor.signalAll();
        });
  }

  /** The caller holds the monitor. */
  private void giveBackUnlessNeeded() {
    if (committing == 0 && (isClosed || !isLineBusy && !isLinedUp)) {
      giveBack();
    }
  }

  /**
   * Lets those go first who wait, if it is known that there are some. Returns at once while it is
   * our turn.
   *
   * @param wanted whether there is still something to commit; asked now and then
   * @param nanosMax how long to wait at most
   * @return whether it waited: others may have committed
   */
  boolean letOthersGo(BooleanSupplier wanted, long nanosMax) throws InterruptedException {
    monitor.lock();
    try {
      if (isTurn || ticket == null && !areOthersWaiting) {
        return false;
      }
    } finally {
      monitor.unlock();
    }
    lineUp(wanted, nanosMax);
    return true;
  }

  /**
   * Waits for our turn after a lost attempt, if that was not the first one or others wait.
   *
   * @param losses in a row
   * @param nanosMax how long to wait at most
   * @return as for {@link #lineUp}
   */
  boolean lineUpAfter(int losses, long nanosMax) throws InterruptedException {
    monitor.lock();
    try {
      if (losses < LOSSES_MIN && !areOthersWaiting && ticket == null) {
        return false;
      }
    } finally {
      monitor.unlock();
    }
    return lineUp(() -> true, nanosMax);
  }

  /**
   * Waits for our turn. Returns at once while it is, or while another thread waits for it.
   *
   * @param wanted as for {@link #letOthersGo}
   * @param nanosMax how long to wait at most
   * @return whether it is our turn; if not, the queue is of no use now
   */
  boolean lineUp(BooleanSupplier wanted, long nanosMax) throws InterruptedException {
    monitor.lock();
    try {
      endLongTurn();
      if (isTurn || isLinedUp) {
        return isTurn;
      }
      areOthersWaiting = false; // the line tells
      if (isClosed && committing == 0 || isOutOfReach()) {
        return false;
      }
      isLinedUp = true;
    } finally {
      monitor.unlock();
    }
    boolean itsTurn = false;
    try {
      itsTurn = await(draw(), wanted, nanosMax);
    } catch (RuntimeException e) { // only courtesy
      LOG.debug("Cannot line up for commits to {}", storage.location(), e);
      missed();
    } finally {
      waited(itsTurn);
    }
    return itsTurn;
  }

  private void waited(boolean itsTurn) {
    locked(
        () -> {
          isLinedUp = false;
          if (!itsTurn) {
            giveBack(); // whatever ended the wait
          }
        });
  }

  /** Whether it could not be reached a while ago; the caller holds the monitor. */
  private boolean isOutOfReach() {
    if (left.size() >= LEFT_MAX) {
      chores.addIfIdle(this::deleteLeft);
      return true;
    }
    int doublings = Math.min(OUT_OF_REACH_DOUBLINGS_MAX, misses - 1);
    return misses > 0 && env.nanoTime() - missedNanos < OUT_OF_REACH_NANOS_MIN << doublings;
  }

  private void missed() {
    locked(
        () -> {
          misses++;
          missedNanos = env.nanoTime();
        });
  }

  private Ticket draw() {
    Ticket drawn = Ticket.draw(newest.known(), newest.attemptNanos(), env.randomId());
    // Before it is there, so that it is given back whatever becomes of it.
    locked(() -> ticket = drawn);
    storage.replace(drawn.key(), ByteBuffer.allocate(0));
    locked(
        () -> {
          if (ticket != drawn && !left.contains(drawn)) { // deleted before it was there
            delete(drawn);
          }
        });
    return drawn;
  }

  private boolean await(Ticket mine, BooleanSupplier wanted, long nanosMax)
      throws InterruptedException {
    long began = env.nanoTime();
    String oldest = "";
    List<Ticket> ahead = List.of();
    long since = 0;
    long version = mine.version();
    int gone = 0;
    while (true) {
      List<Ticket> line = line();
      int before = line.indexOf(mine);
      if (before < 0) { // somebody thought we were gone
        return false;
      }
      if (before == 0) {
        return takeTurn(mine, line.size() > 1);
      }
      Ticket first = line.get(0);
      if (!first.name().equals(oldest)) {
        oldest = first.name();
        ahead = line.subList(0, before);
        since = env.nanoTime();
        if (before % PLACES_A_LOOK == 1) {
          newest.catchUp();
        }
      } else if (env.nanoTime() - since > first.patienceNanos(mine.attemptNanos())) {
        long now = newest.look();
        // Where nobody commits at all, none of those that were there is alive. Else many may be
        // dead all the same: twice as many go each time, so that we wait for a few of them only.
        List<Ticket> dead =
            now > version ? line.subList(0, Math.min(before, Math.max(1, gone))) : ahead;
        gone += dead.size();
        passOver(dead);
        version = now;
        continue;
      }
      long nanosLeft = nanosMax - (env.nanoTime() - began);
      if (nanosLeft <= 0 || !wanted.getAsBoolean()) {
        return false;
      }
      sleep(mine, Math.min(nanosLeft, sleepNanos(before, mine.attemptNanos())));
    }
  }

  private void sleep(Ticket mine, long nanos) throws InterruptedException {
    monitor.lock();
    try {
      if (mine.equals(ticket)) {
        monitor.await(nanos);
      }
    } finally {
      monitor.unlock();
    }
  }

  /** Goes on as if these were not there, whether they can be deleted or not. */
  private void passOver(List<Ticket> dead) {
    locked(() -> dead.forEach(each -> ignored.add(each.name())));
    List<Ticket> some = List.copyOf(dead.subList(0, Math.min(DELETED_MAX, dead.size())));
    chores.add(() -> some.forEach(each -> storage.delete(each.key())));
  }

  /** The next one looks often, those behind it more rarely: a turn takes some attempts. */
  private long sleepNanos(int before, long attemptNanos) {
    long nanos = before == 1 ? attemptNanos / 2 : (before - 1) * 5 * attemptNanos;
    long most = Math.max(1, Math.min(SLEEP_NANOS_MAX, nanos));
    return most / 2 + env.randomBelow(most);
  }

  private List<Ticket> line() {
    long began = env.nanoTime();
    List<String> names = storage.names(FOLDER, "");
    if (env.nanoTime() - began > Ticket.PATIENCE_NANOS_MAX) {
      throw new StorageException(
          "Listing " + FOLDER + " of " + storage.location() + " takes too long to wait for it.");
    }
    List<Ticket> line = new ArrayList<>();
    long versionMax = newest.known() + VERSIONS_AHEAD_MAX;
    monitor.lock();
    try {
      misses = 0;
      if (ignored.size() > IGNORED_MAX) {
        ignored.retainAll(new HashSet<>(names));
      }
      for (String name : names) {
        Ticket.of(name)
            .filter(each -> each.version() <= versionMax && !ignored.contains(name))
            .ifPresent(line::add);
      }
    } finally {
      monitor.unlock();
    }
    line.sort(Ticket.OLDEST_FIRST);
    return line;
  }

  private boolean takeTurn(Ticket mine, boolean othersWait) {
    monitor.lock();
    try {
      if (!mine.equals(ticket)) {
        return false; // it was given back
      }
      isTurn = true;
      turnBeganNanos = env.nanoTime();
      wins = 0;
      areOthersWaiting = othersWait;
      unlookedWinsMax = TURN_WINS;
      return true;
    } finally {
      monitor.unlock();
    }
  }

  /**
   * A version will be created. The turn's last one gives the ticket back beside, so that the next
   * in the queue need not wait for that too.
   */
  void creates() {
    locked(
        () -> {
          if (isTurn && wins == TURN_WINS - 1) {
            giveBack();
          }
        });
  }

  /** It was created. Who has no turn looks now and then whether others wait. */
  void won() {
    locked(
        () -> {
          wins++;
          if (isTurn) {
            endLongTurn();
          } else if (wins >= unlookedWinsMax) {
            wins = 0;
            chores.addIfIdle(this::look);
          }
        });
  }

  /** The caller holds the monitor. */
  private void endLongTurn() {
    long nanos = env.nanoTime() - turnBeganNanos;
    if (isTurn && nanos > TURN_ATTEMPTS_MAX * newest.attemptNanos()) {
      giveBack();
    }
  }

  /** Somebody else commits too: so it is looked more often whether somebody waits. */
  void seenOthers() {
    locked(() -> unlookedWinsMax = TURN_WINS);
  }

  private void look() {
    boolean waiting;
    try {
      waiting = !line().isEmpty();
    } catch (RuntimeException e) {
      LOG.debug("Cannot see who waits to commit to {}", storage.location(), e);
      waiting = false;
    }
    monitor.lock();
    try {
      areOthersWaiting = areOthersWaiting || waiting && ticket == null;
      unlookedWinsMax = waiting ? TURN_WINS : Math.min(UNLOOKED_WINS_MAX, 2 * unlookedWinsMax);
    } finally {
      monitor.unlock();
    }
  }

  /** Whether others may wait until {@link #lineLeaves}. */
  boolean isLineInQueue() {
    monitor.lock();
    try {
      return isLineBusy && ticket != null;
    } finally {
      monitor.unlock();
    }
  }

  /** The caller holds the monitor. */
  private void giveBack() {
    Ticket mine = ticket;
    ticket = null;
    isTurn = false;
    wins = 0;
    if (mine != null) {
      delete(mine);
    }
  }

  /** The caller holds the monitor. */
  private void delete(Ticket mine) {
    ignored.add(mine.name());
    left.add(mine);
    chores.add(this::deleteLeft);
  }

  private void deleteLeft() {
    List<Ticket> all;
    monitor.lock();
    try {
      all = List.copyOf(left);
    } finally {
      monitor.unlock();
    }
    for (Ticket each : all) {
      storage.delete(each.key());
      locked(() -> left.remove(each));
    }
  }

  /** Waits until the tickets that were given back are gone, some seconds at most. */
  void finish() {
    locked(
        () -> {
          if (!left.isEmpty()) {
            chores.add(this::deleteLeft); // it may have failed before
          }
        });
    chores.finish();
  }
}
