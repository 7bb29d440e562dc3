package io.datashard.testkit.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The world of one run: simulated threads, of which one runs at a time, and a clock that jumps when
 * all wait.
 *
 * <p>How it works: each simulated thread (an {@link Actor}) has a platform thread, which parks
 * unless it has the baton. At every call of the protocol to its {@code Env}, its {@code Storage} or
 * a wire, the running one may hand the baton to another, as the dice fall. What takes time waits
 * for the virtual clock. Nothing else decides an order, so a seed gives the same run again. No lock
 * is needed anywhere in here: the baton is handed over through a volatile field.
 *
 * <p>A run fails if nobody can go on, if it takes too many steps or too much virtual time, or if a
 * thread ends with an error that nobody caught.
 */
public final class Simulation {
  private static final int STEPS_MAX = 400_000;
  private static final long NANOS_MAX = 48L * 3600 * 1_000_000_000;

  /** What a step between two waits takes, so that nobody spins outside time. */
  private static final long STEP_NANOS = 300;

  private final Workers workers;
  private final Dice dice;

  /** Of 256 points where the running thread could be interrupted, so many times it is. */
  private final int switchiness;

  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private final List<Actor> ready = new ArrayList<>();
  private final ArrayDeque<Actor> doomed = new ArrayDeque<>();
  private final Map<String, SimulatedMachine> machines = new LinkedHashMap<>();
  private final List<SimulatedProcess> processes = new ArrayList<>();
  private final @Nullable Trace trace;
  private Predicate<Throwable> surprises = error -> false;
  private @Nullable Actor current;
  private @Nullable SimulationFailure failure;
  private long nanos;
  private int steps;
  private int handovers;
  private int live;

  /** Something that happens at a time: an actor wakes, or an action runs. */
  private record Timer(
      long at, long tie, @Nullable Actor actor, int wakes, @Nullable Runnable action)
      implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(tie, other.tie);
    }
  }

  /**
   * A world where nothing happens yet.
   *
   * @param seed decides everything
   * @param trace told what happens; null if nobody wants to know
   */
  public Simulation(long seed, Workers workers, @Nullable Trace trace) {
    this.workers = workers;
    this.trace = trace;
    this.dice = new Dice(seed);
    int[] choices = {2, 10, 40, 130};
    this.switchiness = choices[dice.below(choices.length)];
  }

  /** What decides the order of events. */
  public Dice dice() {
    return dice;
  }

  /** Virtual nanoseconds since the run began. */
  public long nanos() {
    return nanos;
  }

  /** Steps so far. */
  public int steps() {
    return steps;
  }

  /** How often the baton went to another thread. */
  public int handovers() {
    return handovers;
  }

  /** The machine of this name, made at the first call. */
  public SimulatedMachine machine(String name) {
    return machines.computeIfAbsent(name, absent -> new SimulatedMachine(this, name));
  }

  /** All processes that were ever started. */
  public List<SimulatedProcess> processes() {
    return processes;
  }

  /** Lets this happen after so much virtual time. */
  public void after(long delayNanos, Runnable action) {
    timers.add(new Timer(nanos + delayNanos, dice.next(), null, 0, action));
  }

  /** Threads may end with such errors. */
  public void allowUncaught(Predicate<Throwable> errors) {
    surprises = errors;
  }

  /** Notes what happens, for the message of a failure. */
  public void note(String what, Object about) {
    if (trace != null) {
      trace.add(nanos, current, what, about);
    }
  }

  /** Whether {@link #note} goes anywhere. */
  public boolean isTraced() {
    return trace != null;
  }

  /**
   * Runs until all processes have ended and nothing is under way any more.
   *
   * @throws SimulationFailure the run failed
   */
  public void run() {
    hand(choose());
    if (failure != null) {
      throw failure;
    }
  }

  /** Fails the run: all processes die. The first failure stands. */
  public void fail(String message, @Nullable Throwable cause) {
    if (failure == null) {
      failure = new SimulationFailure(message, cause);
      note("FAILED", message);
      timers.clear();
      List.copyOf(processes).forEach(SimulatedProcess::kill);
    }
  }

  // For actors. All of this is called by the one that runs.

  Actor current() {
    return Objects.requireNonNull(current);
  }

  void add(SimulatedProcess process) {
    processes.add(process);
  }

  void start(Actor actor) {
    live++;
    ready.add(actor);
  }

  /** Perhaps lets another one run. */
  void point() {
    step();
    Actor me = current();
    if ((int) (dice.next() >>> 56) < switchiness && !ready.isEmpty() && !me.process.isDead()) {
      me.state = Actor.State.READY;
      ready.add(me);
      switchAway();
    }
  }

  private void step() {
    nanos += STEP_NANOS;
    if (++steps > STEPS_MAX) {
      fail("It did not end within " + STEPS_MAX + " steps: " + standing(), null);
    }
    Timer first = timers.peek();
    if (first != null && first.at <= nanos) {
      runDue();
    }
  }

  /** Waits until somebody calls {@link #wake}, or so long. */
  Actor.Wake block(long nanosMax, boolean deaf) {
    return blockUnless(() -> false, nanosMax, deaf);
  }

  /** The same, unless there is nothing to wait for once everything due has happened. */
  Actor.Wake blockUnless(BooleanSupplier come, long nanosMax, boolean deaf) {
    step();
    Actor me = current();
    if (come.getAsBoolean()) {
      return Actor.Wake.CALLED;
    }
    if (!deaf && Thread.interrupted()) {
      return Actor.Wake.INTERRUPT;
    }
    if (me.process.isDead()) {
      return Actor.Wake.CALLED; // whatever has just happened killed it
    }
    me.state = Actor.State.BLOCKED;
    me.deaf = deaf;
    if (nanosMax != Long.MAX_VALUE) {
      timers.add(new Timer(nanos + Math.max(0, nanosMax), dice.next(), me, me.wakes, null));
    }
    switchAway();
    if (me.wake == Actor.Wake.INTERRUPT) {
      Thread.interrupted(); // the mark, if it came with one
    }
    return me.wake;
  }

  /** Lets time pass for the running actor. */
  void pause(long pauseNanos) {
    Timer first = timers.peek();
    if (ready.isEmpty() && doomed.isEmpty() && (first == null || first.at > nanos + pauseNanos)) {
      nanos += pauseNanos; // nobody else could do anything meanwhile
      step();
    } else {
      block(pauseNanos, true);
    }
  }

  /** Ends a block. */
  void wake(Actor actor, Actor.Wake how) {
    if (actor.state == Actor.State.BLOCKED) {
      actor.state = Actor.State.READY;
      actor.wake = how;
      actor.wakes++;
      ready.add(actor);
    }
  }

  /** Sets a thread's interrupt flag, or ends its wait. */
  void interrupt(Actor actor) {
    if (actor.state == Actor.State.BLOCKED && !actor.deaf) {
      wake(actor, Actor.Wake.INTERRUPT);
    } else if (actor.state == Actor.State.RUNNING && actor.worker != null) {
      Thread.currentThread().interrupt();
    } else {
      actor.interrupted = true;
    }
  }

  /** Ends the wait of a thread whose platform thread was interrupted by somebody who knows it. */
  void noticeInterrupt(Actor actor) {
    Workers.Worker worker = actor.worker;
    if (actor.state == Actor.State.BLOCKED
        && !actor.deaf
        && worker != null
        && worker.isInterrupted()) {
      wake(actor, Actor.Wake.INTERRUPT);
    }
  }

  /** Lets a dead process's thread end before anything else happens. */
  void doom(Actor actor) {
    switch (actor.state) {
      case READY -> {
        ready.remove(actor);
        actor.wakes++;
        doomed.add(actor);
      }
      case BLOCKED -> {
        actor.state = Actor.State.READY;
        actor.wakes++;
        doomed.add(actor);
      }
      default -> {} // the running one learns it when its call returns
    }
  }

  /** Brings the threads of a process back that was frozen. */
  void thaw(List<Actor> held) {
    ready.addAll(held);
  }

  private void switchAway() {
    Actor me = current();
    me.interrupted = Thread.interrupted();
    Actor next = choose();
    if (next != me) {
      hand(next);
    } else {
      me.state = Actor.State.RUNNING;
    }
    if (me.interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Gives the baton away and waits for it to come back. Null: to whoever started the run. */
  private void hand(@Nullable Actor next) {
    Actor me = current;
    Workers.Worker mine = me == null ? workers.caller() : Objects.requireNonNull(me.worker);
    if (next == null) {
      return; // only the caller of run() can find nobody to run, and it has the baton already
    }
    pass(next);
    mine.awaitBaton();
  }

  private void pass(Actor next) {
    handovers++;
    next.state = Actor.State.RUNNING;
    current = next;
    Workers.Worker worker = next.worker;
    if (worker == null) {
      worker = workers.take(this, next);
      next.worker = worker;
    }
    worker.wake();
  }

  /** A platform thread runs an actor from beginning to end. */
  void play(Actor actor, Workers.Worker worker) {
    try {
      actor.body.run();
    } catch (Killed e) {
      // as it should be
    } catch (Throwable e) { // whatever it is, nobody caught it
      if (!actor.process.isDead() && !surprises.test(e)) {
        note("uncaught", e);
        fail("Thread " + actor + " ended with " + e, e);
      }
    }
    Thread.interrupted();
    actor.state = Actor.State.DONE;
    live--;
    actor.process.ended(actor);
    Actor next = choose();
    actor.worker = null;
    workers.giveBack(worker);
    if (next == null) {
      current = null;
      workers.caller().wake();
    } else {
      pass(next);
    }
  }

  /** Who runs next; null if all is over. */
  private @Nullable Actor choose() {
    while (true) {
      runDue();
      Actor dying = doomed.poll();
      if (dying != null) {
        if (dying.worker != null) {
          return dying;
        }
        dying.state = Actor.State.DONE; // it never began
        live--;
        continue;
      }
      if (!ready.isEmpty()) {
        int place = dice.below(ready.size());
        Actor chosen = ready.get(place);
        Actor last = ready.remove(ready.size() - 1);
        if (chosen != last) {
          ready.set(place, last);
        }
        if (!chosen.process.holds(chosen)) {
          return chosen;
        }
        continue;
      }
      Timer first = timers.peek();
      if (first != null) {
        nanos = Math.max(nanos, first.at);
        if (nanos > NANOS_MAX) {
          fail("It did not end within " + NANOS_MAX / 1_000_000_000 + " s: " + standing(), null);
        }
      } else if (live == 0) {
        return null;
      } else {
        fail("Nobody can go on: " + standing(), null);
      }
    }
  }

  private void runDue() {
    while (true) {
      Timer first = timers.peek();
      if (first == null || first.at > nanos) {
        return;
      }
      timers.poll();
      Actor actor = first.actor;
      if (actor != null) {
        if (actor.wakes == first.wakes) {
          wake(actor, Actor.Wake.TIME);
        }
      } else {
        act(Objects.requireNonNull(first.action));
      }
    }
  }

  private void act(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException | AssertionError e) {
      fail("What happened at " + nanos / 1000 + " us ended with " + e, e);
    }
  }

  /** Where everybody stands. */
  private String standing() {
    List<String> all = new ArrayList<>();
    for (SimulatedProcess process : processes) {
      process.describe(all);
    }
    return String.join("; ", all);
  }
}
