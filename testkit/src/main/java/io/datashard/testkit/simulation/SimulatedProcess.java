package io.datashard.testkit.simulation;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Monitor;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A simulated process: the {@link Env} of the protocol code that runs in it. It ends when its last
 * user thread ends, or when it is killed; then its other threads are unwound, and whatever they
 * still call has no effect. A frozen one keeps what it has, and none of its threads runs.
 */
public final class SimulatedProcess implements Env {
  private final Simulation simulation;
  private final SimulatedMachine machine;
  private final String name;
  private final Machine shared;
  private final Map<Class<?>, Object> singles = new HashMap<>();
  private final List<Actor> actors = new ArrayList<>();
  private final List<Actor> held = new ArrayList<>();
  private final ArrayDeque<Runnable> inbox = new ArrayDeque<>();
  private final TreeMap<Integer, Runnable> atCall = new TreeMap<>();
  private @Nullable Actor reader;
  private boolean dead;
  private boolean frozen;
  private int users;
  private int calls;
  private int scarcityPerMille;
  private List<String> cutShort = List.of();

  SimulatedProcess(Simulation simulation, SimulatedMachine machine, String name) {
    this.simulation = simulation;
    this.machine = machine;
    this.name = name;
    this.shared = machine.seenBy(this);
  }

  /** What traces call it. */
  public String name() {
    return name;
  }

  /** The machine it runs on. */
  public SimulatedMachine home() {
    return machine;
  }

  Simulation simulation() {
    return simulation;
  }

  /** Whether it has ended, in whatever way. */
  public boolean isDead() {
    return dead;
  }

  /** Whether it is frozen now. */
  public boolean isFrozen() {
    return frozen;
  }

  /** Starts a thread that keeps the process alive. */
  public void startUser(String threadName, Runnable body) {
    if (dead) {
      return;
    }
    users++;
    add(threadName, body, true);
  }

  private Actor add(String threadName, Runnable body, boolean user) {
    Actor actor = new Actor(this, threadName, body, user);
    actors.add(actor);
    simulation.start(actor);
    return actor;
  }

  /** So many threads cannot be started because there are too many already. */
  public void scarcity(int perMille) {
    scarcityPerMille = perMille;
  }

  /** Interrupts the thread of this name, if there is one. */
  public void interrupt(String threadName) {
    for (Actor actor : actors) {
      if (actor.name.equals(threadName) && !dead) {
        simulation.note("interrupt", actor);
        simulation.interrupt(actor);
      }
    }
  }

  /** Does this when the process makes its n-th call to a store or a wire, counted from now. */
  public void atCall(int n, Runnable action) {
    atCall.merge(
        calls + n,
        action,
        (one, other) ->
            () -> {
              one.run();
              other.run();
            });
  }

  /**
   * Does this on another thread of the process, after so long: perhaps it interrupts the calling
   * thread.
   *
   * @return what calls it off
   */
  public Runnable alarm(long nanos, Runnable action) {
    Actor sleeper = simulation.current();
    boolean[] off = new boolean[1];
    simulation.after(
        nanos,
        () ->
            post(
                () -> {
                  if (!off[0]) {
                    action.run();
                    simulation.noticeInterrupt(sleeper);
                  }
                }));
    return () -> off[0] = true;
  }

  /** Ends the process at once, as kill -9 does. */
  public void kill() {
    if (dead) {
      return;
    }
    dead = true;
    frozen = false;
    simulation.note("dead", name);
    inbox.clear();
    simulation.thaw(held);
    held.clear();
    for (Actor actor : List.copyOf(actors)) {
      simulation.doom(actor);
    }
    machine.dies(this);
  }

  /** Stops all threads, as a SIGSTOP or a long collection of garbage does. */
  public void freeze() {
    if (!dead && !frozen) {
      simulation.note("frozen", name);
      frozen = true;
    }
  }

  /** Lets all threads go on. */
  public void resume() {
    if (frozen) {
      simulation.note("resumed", name);
      frozen = false;
      simulation.thaw(held);
      held.clear();
    }
  }

  // For the simulation.

  /** Keeps a thread from running because the process is frozen. */
  boolean holds(Actor actor) {
    if (frozen) {
      held.add(actor);
    }
    return frozen;
  }

  void ended(Actor actor) {
    actors.remove(actor);
    if (actor.user && --users == 0) {
      cutShort = actors.stream().map(each -> each.name).toList();
      kill();
    }
  }

  /** The threads that were still at work when the last user thread ended. */
  public List<String> cutShort() {
    return cutShort;
  }

  void describe(List<String> all) {
    for (Actor actor : actors) {
      Workers.Worker worker = actor.worker;
      all.add(actor + " is " + actor.state + (frozen ? " (frozen)" : "") + at(worker));
    }
  }

  private static String at(Workers.@Nullable Worker worker) {
    if (worker == null) {
      return "";
    }
    for (StackTraceElement each : worker.stack()) {
      String type = each.getClassName();
      if (type.startsWith("io.datashard.") && !type.startsWith("io.datashard.testkit.simulation")) {
        return " at " + each;
      }
    }
    return "";
  }

  /** A call to a store or a wire: what was planned for it happens first. */
  void call() {
    requireAlive();
    calls++;
    while (!atCall.isEmpty() && atCall.firstKey() <= calls) {
      Objects.requireNonNull(atCall.pollFirstEntry()).getValue().run();
    }
    requireAlive();
    simulation.point();
    requireAlive();
    if (frozen) { // by what has just happened: not one step more
      simulation.block(0, true);
      requireAlive();
    }
  }

  /** Lets time pass. */
  void pause(long pauseNanos) {
    simulation.pause(pauseNanos);
    requireAlive();
  }

  /** Gives a message or the like to the thread that reads wires. */
  void post(Runnable delivery) {
    if (dead) {
      return;
    }
    inbox.add(delivery);
    if (reader == null) {
      reader = add("wires", this::read, false);
    } else {
      simulation.wake(reader, Actor.Wake.CALLED);
    }
  }

  private void read() {
    while (true) {
      while (inbox.isEmpty()) {
        simulation.blockUnless(() -> !inbox.isEmpty(), Long.MAX_VALUE, true);
        requireAlive();
      }
      inbox.remove().run();
    }
  }

  /**
   * Whether the process is dead and the running thread knows; what it does then has no effect.
   * Tells it if it does not know yet.
   */
  boolean isGone() {
    if (!dead) {
      return false;
    }
    Actor me = simulation.current();
    if (!me.unwinding) {
      me.unwinding = true;
      throw Killed.INSTANCE;
    }
    return true;
  }

  void requireAlive() {
    if (isGone()) {
      throw Killed.INSTANCE;
    }
  }

  // Env.

  @Override
  public long nowMillis() {
    return machine.nowMillis();
  }

  @Override
  public long nanoTime() {
    return simulation.nanos();
  }

  @Override
  public long randomId() {
    return simulation.dice().next();
  }

  @Override
  public long randomBelow(long bound) {
    return simulation.dice().below(bound);
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    requireAlive();
    Actor.Wake how = simulation.block(time.toNanos(), false);
    requireAlive();
    if (how == Actor.Wake.INTERRUPT) {
      throw new InterruptedException();
    }
  }

  @Override
  public Monitor monitor() {
    return new SimulatedMonitor(this);
  }

  @Override
  public void start(String threadName, Runnable body) {
    if (isGone()) {
      return;
    }
    if (simulation.dice().below(1000) < scarcityPerMille) {
      simulation.note("cannot start", threadName);
      throw new OutOfMemoryError("unable to create a thread: " + SimulatedStore.SURPRISE);
    }
    add(threadName, body, false);
  }

  @Override
  public Machine machine() {
    return shared;
  }

  @Override
  public <T> T shared(Class<T> type, Supplier<T> make) {
    return type.cast(singles.computeIfAbsent(type, absent -> make.get()));
  }

  @Override
  public String toString() {
    return name;
  }
}
