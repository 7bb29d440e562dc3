package io.datashard.internal.relay;

import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.internal.commit.AppendId;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.ledger.Once;
import io.datashard.schema.Schema;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a process's appends to one table, whichever handles its threads use: they gather here,
 * and this process or another one of the machine commits them by the round.
 *
 * <p>A thread of the line's own does all committing and sending, and ends when there is nothing to
 * do. Where seats and wires come from, and that nothing depends on them: {@link Machine}.
 */
public final class Line {
  private static final Logger LOG = LoggerFactory.getLogger(Line.class);

  /** Appends of more are written as files by whoever makes them. */
  public static final int ROWS_BYTES_MAX = 256 << 10;

  private static final long ALONE_NANOS = Duration.ofSeconds(10).toNanos();
  private static final long IDLE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long CLEAN_NANOS = Duration.ofSeconds(1).toNanos();

  /** Where each look costs a request and versions stay for an hour. */
  private static final long CLEAN_REMOTE_NANOS = Duration.ofMinutes(5).toNanos();

  private static final long LOOK_AGAIN_NANOS = Duration.ofMillis(200).toNanos();

  /** Where a look is a round trip and fewer commits are made in a second. */
  private static final long LOOK_AGAIN_REMOTE_NANOS = Duration.ofSeconds(10).toNanos();

  /** A search for an append may have to look at so many commits. */
  private static final int SEARCHED_COMMITS_MAX = 256;

  private enum Role {
    NONE,
    LEADS,
    FOLLOWS,
    ALONE
  }

  private final Storage storage;
  private final Env env;
  private final Committer committer;
  private final AppendId.Source ids;
  private final Monitor monitor;
  private final long suspectNanos;
  private final Hints hints;
  private final Election election;
  private final CommitDelay delay;
  private final Rounds rounds;

  // All of this is guarded by the monitor.
  private final RequestQueue queue = new RequestQueue();
  private final Map<AppendId, Request> ofOthers = new HashMap<>();
  private int users;
  private boolean running;

  /** Whether the line's thread waits for work and looks at nothing else. */
  private boolean idling;

  private Role role = Role.NONE;
  private long aloneUntil;
  private @Nullable Leader leader;
  private @Nullable Follower follower;
  private long heardNanos;
  private long heardSequence = -1;

  /** A version that had {@link #heardSequence} or a lower one; 0 if none was heard of. */
  private long heardVersion;

  /**
   * @param committer this line's own
   * @param key what identifies the table on this machine; "" if nothing does
   * @param suspectNanos so long a committer may be silent
   */
  public Line(Storage storage, Env env, Committer committer, String key, long suspectNanos) {
    this.storage = storage;
    this.env = env;
    this.committer = committer;
    this.ids = new AppendId.Source(env);
    this.monitor = env.monitor();
    this.suspectNanos = suspectNanos;
    this.hints = new Hints(env, committer);
    this.delay = new CommitDelay(env);
    this.rounds = new Rounds(this, delay, hints);
    this.election =
        new Election(this, key.isEmpty() ? Machine.NONE : env.machine(), key, suspectNanos);
  }

  /** Counts a table handle; the line keeps its seat as long as there are some. */
  public void enter() {
    monitor.lock();
    try {
      users++;
      committer.openQueue();
    } finally {
      monitor.unlock();
    }
  }

  /** Ends what {@link #enter} began; waits a moment for a seat to be given up in good order. */
  public void leave() {
    monitor.lock();
    try {
      users--;
      if (users == 0) {
        committer.closeQueue();
      }
      if (users == 0 && !running) {
        closeFollower();
        role = Role.NONE;
      }
      monitor.signalAll();
      long end = env.nanoTime() + 2 * suspectNanos;
      while (users == 0 && running && env.nanoTime() - end < 0) {
        monitor.awaitUninterruptibly(end - env.nanoTime());
      }
    } finally {
      monitor.unlock();
    }
    hints.finish();
    committer.finish();
  }

  /** Appends what has no source and number, as {@link #append(Schema, Payload, Once, long)}. */
  public Committed append(Schema schema, Payload payload, long withinNanos) {
    return append(schema, payload, null, withinNanos);
  }

  /**
   * Appends, exactly once.
   *
   * @param schema what the payload was made for
   * @param once what the caller knows it by: if the table has it already, it is not added; null if
   *     that does not matter
   * @param withinNanos how long this may take; {@link Long#MAX_VALUE} if as long as it takes
   * @throws OutcomeUnknownException it may be in the table now or later
   * @throws DataShardException it is not in the table and will not be
   */
  public Committed append(Schema schema, Payload payload, @Nullable Once once, long withinNanos) {
    Waiting waiting = new Waiting(this, withinNanos);
    Request request =
        new Request(ids.next(), schema, payload, once, recentSequence(), null, env.monitor());
    Follower direct = null;
    monitor.lock();
    try {
      awaitRoom(request, waiting);
      queue.add(request);
      try {
        startIfNeeded();
      } catch (OutOfMemoryError e) { // no more threads can be started
        queue.takeBack(request);
        throw e;
      }
      Follower following = follower;
      if (following != null && role == Role.FOLLOWS && following.takesAlone(request, queue)) {
        direct = following;
        if (idling) {
          monitor.signalAll(); // the line's thread has to see to it that the committer answers
        }
      } else {
        wakeForWork();
      }
    } finally {
      monitor.unlock();
    }
    if (direct != null) {
      send(direct, request); // handing it to the line's thread would cost more than this
    }
    return waiting.await(request);
  }

  /**
   * Lets the line's thread look at the queue, if that is what it waits for; holding the monitor.
   */
  private void wakeForWork() {
    if (queue.size() >= delay.awaited()) {
      monitor.signalAll();
    }
  }

  private void awaitRoom(Request request, Waiting waiting) {
    while (!queue.hasRoomFor(request.bytes)) {
      long left = waiting.nanosLeft();
      if (left <= 0) {
        throw waiting.tooLate();
      }
      try {
        monitor.await(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw waiting.interrupted(e);
      }
    }
  }

  /**
   * A sequence number of the table of some time ago: the search for appends begins there. An older
   * one is as right, and the search is longer.
   */
  private long recentSequence() {
    long heard;
    long version;
    monitor.lock();
    try {
      if (role == Role.LEADS || role == Role.ALONE) {
        return committer.knownSequence();
      }
      long lookAgain = storage.isRemote() ? LOOK_AGAIN_REMOTE_NANOS : LOOK_AGAIN_NANOS;
      if (heardSequence >= 0 && env.nanoTime() - heardNanos < lookAgain) {
        return heardSequence;
      }
      heard = heardSequence;
      version = heardVersion;
    } finally {
      monitor.unlock();
    }
    // A look at two names, where the newest version would have to be read. The oldest versions are
    // cleaned away first: as long as one is there, a later one that is missing is not made yet.
    if (version > 0
        && !committer.hasVersion(version + SEARCHED_COMMITS_MAX)
        && committer.hasVersion(version)) {
      return heard;
    }
    long sequence = committer.newestOrGone().metadata().lastSequenceNumber();
    monitor.lock();
    try {
      hears(sequence);
    } finally {
      monitor.unlock();
    }
    return sequence;
  }

  /**
   * Takes a request back before anybody commits it.
   *
   * @return whether it certainly will not be committed; if not, its end will tell
   */
  boolean takeBack(Request request) {
    monitor.lock();
    try {
      if (!request.handed && queue.takeBack(request)) {
        monitor.signalAll();
        return true;
      }
      Follower following = follower;
      if (request.state == Request.State.SENT && following != null) {
        following.cancel(request);
      }
      return false;
    } finally {
      monitor.unlock();
    }
  }

  // The line's thread.

  private void run() {
    try {
      while (awaitWork()) {
        switch (currentRole()) {
          case NONE -> elect();
          case FOLLOWS -> follow();
          case LEADS, ALONE -> commitNext();
        }
      }
    } catch (RuntimeException e) {
      LOG.warn("Nothing can be committed to {}", storage.location(), e);
      failAll(e);
    } catch (Error e) {
      failAll(e);
      throw e;
    }
  }

  private Role currentRole() {
    monitor.lock();
    try {
      if (role == Role.ALONE && env.nanoTime() - aloneUntil > 0) {
        role = Role.NONE;
      }
      return role;
    } finally {
      monitor.unlock();
    }
  }

  /** Waits for work; false if there is none and this thread ends. */
  private boolean awaitWork() {
    while (true) {
      Leader leaving;
      monitor.lock();
      try {
        long idleSince = env.nanoTime();
        while (users > 0 && !hasWork() && !isLeaving()) {
          if (role != Role.LEADS && env.nanoTime() - idleSince >= IDLE_NANOS) {
            running = false; // a wire is kept
            return false;
          }
          idle();
        }
        leaving = leader;
        if (users == 0 && leaving != null) {
          leaving.acceptNoMore();
        }
        if (hasWork()) {
          return true;
        }
        committer.leaveQueue();
        leader = null;
        role = Role.NONE;
        closeFollower();
        election.forgetQuestion();
        if (leaving != null) {
          leaving.resign();
        }
        if (leaving == null) {
          running = false;
          monitor.signalAll();
          return false;
        }
      } finally {
        monitor.unlock();
      }
      leaving.close();
    }
  }

  /** Waits a while; a committer cleans meanwhile. The caller holds the monitor. */
  private void idle() {
    if (committer.isInQueue()) {
      idling = true;
      monitor.awaitUninterruptibly(committer.quickAttemptNanos());
      idling = false;
      if (!hasWork()) {
        committer.leaveQueue();
      }
      return;
    }
    if (role != Role.LEADS || !committer.hasOldVersions()) {
      idling = true;
      monitor.awaitUninterruptibly(role == Role.LEADS ? Long.MAX_VALUE : IDLE_NANOS);
      idling = false;
      return;
    }
    long nanos = storage.isRemote() ? CLEAN_REMOTE_NANOS : CLEAN_NANOS;
    long end = env.nanoTime() + nanos;
    monitor.awaitUninterruptibly(nanos);
    if (env.nanoTime() - end >= 0) {
      monitor.unlock();
      try {
        committer.cleanSoon(true);
      } finally {
        monitor.lock();
      }
    }
  }

  /** Whether this process gives its seat up; who opens the table now begins anew after that. */
  private boolean isLeaving() {
    return leader != null && leader.isLeaving();
  }

  /** The caller holds the monitor. */
  private boolean hasWork() {
    return !queue.isEmpty() || follower != null && !follower.isIdle();
  }

  /** The caller holds the monitor. */
  private void closeFollower() {
    closeWire(follower);
    follower = null;
  }

  private void failAll(Throwable cause) {
    List<Request> all;
    Leader leading;
    monitor.lock();
    try {
      all = takeAll();
      committer.leaveQueue();
      closeFollower();
      election.forgetQuestion();
      leading = leader;
      leader = null;
      role = Role.NONE;
      running = false;
      monitor.signalAll();
    } finally {
      monitor.unlock();
    }
    for (Request request : all) {
      rounds.fail(request, cause);
    }
    if (leading != null) {
      leading.close();
    }
  }

  // Electing.

  private void elect() {
    Election.Outcome outcome = election.elect();
    monitor.lock();
    try {
      leader = outcome.leader();
      follower = outcome.follower();
      if (leader != null) {
        role = Role.LEADS;
      } else if (follower != null) {
        role = Role.FOLLOWS;
        committer.leaveQueue(); // another one commits now
      } else {
        role = Role.ALONE;
        aloneUntil = env.nanoTime() + ALONE_NANOS;
      }
    } finally {
      monitor.unlock();
    }
  }

  // Following.

  /** Sends what is queued and waits for answers until there is nothing to wait for. */
  private void follow() {
    Follower following;
    List<Request> sending;
    monitor.lock();
    try {
      following = follower;
      if (following == null || following.isClosed() || following.hasLeft()) {
        closeWire(following);
        loseCommitter(following);
        return;
      }
      sending = following.takeFrom(queue);
      if (sending.isEmpty()) {
        long left = following.heardNanos() + suspectNanos - env.nanoTime();
        if (left > 0) {
          monitor.awaitUninterruptibly(left);
        } else if (!following.isIdle()) {
          LOG.info("The committer of {} is silent; going on without it", storage.location());
          election.distrust(following.place());
          closeWire(following);
          loseCommitter(following);
        }
        return;
      }
      monitor.signalAll();
    } finally {
      monitor.unlock();
    }
    for (Request request : sending) {
      if (following.fits(request)) {
        send(following, request);
      } else {
        following.forget(request);
        // Too much to tell, or committers cut us off for it; we do it beside them.
        commitTaken(List.of(request));
        committer.leaveQueue();
      }
    }
  }

  private void send(Follower following, Request request) {
    try {
      following.send(request, Message.append(request));
    } catch (RuntimeException e) {
      following.forget(request);
      rounds.fail(request, e);
    }
  }

  private static void closeWire(@Nullable Follower following) {
    if (following != null) {
      following.wire().close();
    }
  }

  /**
   * Whatever was under way begins anew, with whoever commits next. The caller holds the monitor.
   */
  private void loseCommitter(@Nullable Follower following) {
    if (following != null) {
      List<Request> again = following.takeSent();
      again.forEach(request -> request.leftBehind = true);
      if (following.isClosed()) {
        again.forEach(request -> request.cuts++);
      }
      queue.putBack(again);
    }
    follower = null;
    role = Role.NONE;
  }

  // Committing.

  private void commitNext() {
    leaveForBetterSeat();
    // While what waits is still in the queue: it can be taken back, and more comes to it.
    committer.letOthersGo(() -> queued() > 0);
    monitor.lock();
    try {
      delay.await(monitor, queue::size);
    } finally {
      monitor.unlock();
    }
    commitTaken(takeRound());
  }

  private void commitTaken(List<Request> taken) {
    if (taken.isEmpty()) {
      return;
    }
    rounds.commit(taken);
    monitor.lock();
    try {
      if (leader != null) {
        leader.resume();
      }
    } finally {
      monitor.unlock();
    }
  }

  /**
   * One committer a machine is enough: who leads from a seat behind the first leaves when the first
   * is held by somebody who answers, or by nobody.
   */
  private void leaveForBetterSeat() {
    Leader leading = leader;
    if (leading == null || leading.place() == 0 || !election.firstSeatIsBetter()) {
      return;
    }
    int left;
    monitor.lock();
    try {
      leader = null;
      role = Role.NONE;
      leading.acceptNoMore();
      leading.resign();
      left = queue.size(); // what our own threads add later goes to the next committer
    } finally {
      monitor.unlock();
    }
    try {
      while (left > 0) {
        List<Request> taken = takeRound();
        left = taken.isEmpty() ? 0 : left - taken.size(); // some may have been taken back
        commitTaken(taken);
      }
    } finally {
      // Also after an error: this process may live on, and nobody else would get the seat.
      leading.close();
    }
  }

  private List<Request> takeRound() {
    monitor.lock();
    try {
      List<Request> taken = queue.takeRound();
      monitor.signalAll();
      return taken;
    } finally {
      monitor.unlock();
    }
  }

  /** How many requests wait here to be taken or sent. */
  int queued() {
    monitor.lock();
    try {
      return queue.size();
    } finally {
      monitor.unlock();
    }
  }

  // What leader and follower need.

  Env env() {
    return env;
  }

  Monitor monitor() {
    return monitor;
  }

  Committer committer() {
    return committer;
  }

  Storage storage() {
    return storage;
  }

  /** Whether there is so much in the queue that wires should not be read. */
  boolean isFull() {
    return queue.isFull();
  }

  /** Takes a request of another process. The caller holds the monitor. */
  void add(Request request) {
    ofOthers.put(request.id, request);
    queue.add(request);
    wakeForWork();
  }

  /**
   * The request of another process that has this id and no end yet. The caller holds the monitor.
   */
  @Nullable Request ofOthers(AppendId id) {
    return ofOthers.get(id);
  }

  /** A request of another process has an end. The caller holds the monitor. */
  void forget(Request request) {
    ofOthers.remove(request.id);
  }

  /** Takes a request of another process back. The caller holds the monitor. */
  boolean remove(Request request) {
    if (!queue.takeBack(request)) {
      return false;
    }
    forget(request);
    return true;
  }

  /** Whether somebody waits for answers besides those who asked; the caller holds the monitor. */
  boolean waitsForAnswers() {
    return users == 0 || !queue.isEmpty();
  }

  /** Lets the line look again. The caller holds the monitor. */
  void wake() {
    if (hasWork()) {
      try {
        startIfNeeded();
      } catch (OutOfMemoryError e) { // no more threads can be started
        LOG.warn("Nothing can be committed to {}", storage.location(), e);
        List<Request> all = takeAll();
        all.forEach(request -> request.state = Request.State.DONE);
        all.forEach(request -> request.end(null, Failures.copyOf(e)));
      }
    }
    monitor.signalAll();
  }

  /** The caller holds the monitor. */
  private void startIfNeeded() {
    if (!running) {
      env.start("datashard-line", this::run);
      running = true;
    }
  }

  /** All that has no end yet and is in no round; the caller holds the monitor and ends it. */
  private List<Request> takeAll() {
    List<Request> all = queue.takeAll();
    Follower following = follower;
    if (following != null) {
      List<Request> sent = following.takeSent();
      sent.forEach(request -> request.leftBehind = true);
      all.addAll(sent);
    }
    return all;
  }

  /** The committer of this line made a version. The caller holds the monitor. */
  void hears(long sequence, long version) {
    hears(sequence);
    heardVersion = Math.max(heardVersion, version);
  }

  /** The committer of this line said something. The caller holds the monitor. */
  void hears(long sequence) {
    heardSequence = Math.max(heardSequence, sequence);
    heardNanos = env.nanoTime();
  }
}
