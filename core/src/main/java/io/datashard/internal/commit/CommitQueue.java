package io.datashard.internal.commit;

import io.datashard.error.DataShardException;
import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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

  /** So many attempts of its owner the oldest ticket may stay the oldest. */
  private static final int PATIENCE_ATTEMPTS = 3 * TURN_WINS;

  private static final long PATIENCE_NANOS_MIN = Duration.ofMillis(300).toNanos();
  private static final long PATIENCE_NANOS_MAX = Duration.ofSeconds(10).toNanos();

  /**
   * Whoever is next, third after that, and so on, reads while it waits what it would have to read
   * in its turn. The versions of so many turns name each other's snapshots.
   */
  private static final int PLACES_A_LOOK = 3;

  /** Nobody looks for tickets more rarely than after so many wins. */
  private static final int UNLOOKED_WINS_MAX = 40;

  private static final long SLEEP_NANOS_MAX = Duration.ofSeconds(1).toNanos();

  private static final Comparator<Ticket> OLDEST_FIRST =
      Comparator.comparingLong(Ticket::version).thenComparing(Ticket::name);

  private final Storage storage;
  private final Env env;
  private final Newest newest;

  /** Nobody waits for the end of these, but the next in the queue waits for their effect. */
  private final Chores chores;

  // Guarded by this.
  private @Nullable Ticket ticket;

  /** The last one that was given back: it may be there a little longer. */
  private @Nullable Ticket givenBack;

  private boolean isTurn;
  private long turnBeganNanos;
  private boolean isLinedUp;

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

  /**
   * A place in the queue.
   *
   * @param name of its file
   * @param version the newest one when it was drawn
   * @param attemptNanos what an attempt takes its owner
   */
  private record Ticket(String name, long version, long attemptNanos) {
    private static final Pattern NAME = Pattern.compile("([0-9]{18})-([0-9]{1,9})-[0-9a-f]{16}");

    static Ticket draw(long version, long attemptNanos, long random) {
      long millis = Math.min(999_999_999, attemptNanos / 1_000_000 + 1);
      String name =
          String.format(
              Locale.ROOT, "%018d-%d-%s", version, millis, HexFormat.of().toHexDigits(random));
      return new Ticket(name, version, millis * 1_000_000);
    }

    static Optional<Ticket> of(String name) {
      Matcher parts = NAME.matcher(name);
      return parts.matches()
          ? Optional.of(
              new Ticket(
                  name, Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)) * 1_000_000))
          : Optional.empty();
    }

    String key() {
      return FOLDER + "/" + name;
    }

    /** How long it may be the oldest one. */
    long patienceNanos(long attemptNanosOfOthers) {
      long nanos = PATIENCE_ATTEMPTS * Math.max(attemptNanos, attemptNanosOfOthers);
      return Math.max(PATIENCE_NANOS_MIN, Math.min(PATIENCE_NANOS_MAX, nanos));
    }
  }

  CommitQueue(Storage storage, Env env, Newest newest) {
    this.storage = storage;
    this.env = env;
    this.newest = newest;
    this.chores = new Chores(env, false);
  }

  /**
   * Lets those go first who wait, if it is known that there are some. Returns at once while it is
   * our turn.
   *
   * @return whether it waited: others may have committed
   */
  boolean letOthersGo() throws InterruptedException {
    synchronized (this) {
      if (isTurn || ticket == null && !areOthersWaiting) {
        return false;
      }
    }
    lineUp();
    return true;
  }

  /**
   * Waits for our turn after a lost attempt, if that was not the first one or others wait.
   *
   * @param losses in a row
   * @return as for {@link #lineUp}
   */
  boolean lineUpAfter(int losses) throws InterruptedException {
    synchronized (this) {
      if (losses < LOSSES_MIN && !areOthersWaiting && ticket == null) {
        return false;
      }
    }
    return lineUp();
  }

  /**
   * Waits for our turn. Returns at once while it is, or while another thread waits for it.
   *
   * @return whether it is our turn; if not, the queue is of no use now
   */
  boolean lineUp() throws InterruptedException {
    synchronized (this) {
      endLongTurn();
      if (isTurn || isLinedUp) {
        return isTurn;
      }
      isLinedUp = true;
      areOthersWaiting = false; // the line tells
    }
    try {
      return await(draw());
    } catch (InterruptedException e) {
      giveBack();
      throw e;
    } catch (RuntimeException e) { // only courtesy
      LOG.debug("Cannot line up for commits to {}", storage.location(), e);
      giveBack();
      return false;
    } finally {
      synchronized (this) {
        isLinedUp = false;
      }
    }
  }

  private Ticket draw() {
    Ticket drawn;
    synchronized (this) {
      if (ticket != null) {
        return ticket;
      }
      drawn = Ticket.draw(newest.known(), newest.attemptNanos(), env.randomId());
      ticket = drawn; // before it is there, so that it is given back whatever becomes of it
    }
    storage.replace(drawn.key(), ByteBuffer.allocate(0));
    return drawn;
  }

  private boolean await(Ticket mine) throws InterruptedException {
    String oldest = "";
    List<Ticket> ahead = List.of();
    long since = 0;
    long version = mine.version();
    while (true) {
      List<Ticket> line = line();
      int before = line.indexOf(mine);
      if (before < 0) { // somebody thought we were gone
        giveBack();
        return false;
      }
      if (before == 0) {
        takeTurn(line.size() > 1);
        return true;
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
        // Where nobody commits at all, none of those that were there is alive.
        for (Ticket gone : now > version ? List.of(first) : ahead) {
          storage.delete(gone.key());
        }
        version = now;
        continue;
      }
      env.sleep(Duration.ofNanos(sleepNanos(before, mine.attemptNanos())));
    }
  }

  /** The next one looks often, those behind it more rarely: a turn takes some attempts. */
  private long sleepNanos(int before, long attemptNanos) {
    long nanos = before == 1 ? attemptNanos / 2 : (before - 1) * 5 * attemptNanos;
    long most = Math.max(1, Math.min(SLEEP_NANOS_MAX, nanos));
    return most / 2 + env.randomBelow(most);
  }

  private List<Ticket> line() {
    List<Ticket> line = new ArrayList<>();
    for (String name : storage.names(FOLDER, "")) {
      Ticket.of(name).ifPresent(line::add);
    }
    synchronized (this) {
      line.remove(givenBack);
    }
    line.sort(OLDEST_FIRST);
    return line;
  }

  private synchronized void takeTurn(boolean othersWait) {
    isTurn = true;
    turnBeganNanos = env.nanoTime();
    wins = 0;
    areOthersWaiting = othersWait;
    unlookedWinsMax = TURN_WINS;
  }

  /**
   * A version will be created. The turn's last one gives the ticket back beside, so that the next
   * in the queue need not wait for that too.
   */
  synchronized void creates() {
    if (isTurn && wins == TURN_WINS - 1) {
      giveBack();
    }
  }

  /** It was created. Who has no turn looks now and then whether others wait. */
  synchronized void won() {
    wins++;
    if (isTurn) {
      endLongTurn();
    } else if (wins >= unlookedWinsMax) {
      wins = 0;
      chores.addIfIdle(this::look);
    }
  }

  private synchronized void endLongTurn() {
    long nanos = env.nanoTime() - turnBeganNanos;
    if (isTurn && nanos > TURN_ATTEMPTS_MAX * newest.attemptNanos()) {
      giveBack();
    }
  }

  /** Somebody else commits too: so it is looked more often whether somebody waits. */
  synchronized void seenOthers() {
    unlookedWinsMax = TURN_WINS;
  }

  private void look() {
    boolean waiting;
    try {
      waiting = !line().isEmpty();
    } catch (RuntimeException e) {
      LOG.debug("Cannot see who waits to commit to {}", storage.location(), e);
      waiting = false;
    }
    synchronized (this) {
      areOthersWaiting = areOthersWaiting || waiting && ticket == null;
      unlookedWinsMax = waiting ? TURN_WINS : Math.min(UNLOOKED_WINS_MAX, 2 * unlookedWinsMax);
    }
  }

  /** Whether we are in the queue, or it is our turn. */
  synchronized boolean holdsTicket() {
    return ticket != null;
  }

  /** There is nothing to commit: the next one may go. Not while a thread waits for our turn. */
  synchronized void leave() {
    if (!isLinedUp) {
      giveBack();
    }
  }

  private synchronized void giveBack() {
    Ticket mine = ticket;
    ticket = null;
    isTurn = false;
    wins = 0;
    if (mine != null) {
      givenBack = mine;
      chores.add(() -> storage.delete(mine.key()));
    }
  }

  /** Waits until the tickets that were given back are gone, some seconds at most. */
  void finish() {
    chores.finish();
  }
}
