package io.datashard.testkit.simulation;

import java.util.ArrayDeque;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Platform threads that simulated threads run on, used again from run to run. Exactly one thread
 * runs at a time: it hands the baton to the next one and parks. Used by one simulation at a time.
 */
public final class Workers implements AutoCloseable {
  private final ArrayDeque<Worker> free = new ArrayDeque<>();
  private final Worker caller = new Worker(null);
  private int made;

  /** One platform thread and whether it has the baton. */
  static final class Worker implements Runnable {
    private final Thread thread;
    private volatile boolean go;
    private volatile boolean closed;
    @Nullable Simulation simulation;
    @Nullable Actor actor;

    Worker(@Nullable String name) {
      if (name == null) {
        thread = Thread.currentThread();
      } else {
        thread = new Thread(this, name);
        thread.setDaemon(true);
        thread.start();
      }
    }

    /** Gives it the baton; whoever calls this must park or end next. */
    void wake() {
      go = true;
      LockSupport.unpark(thread);
    }

    boolean isInterrupted() {
      return thread.isInterrupted();
    }

    StackTraceElement[] stack() {
      return thread.getStackTrace();
    }

    void awaitBaton() {
      while (!go) {
        LockSupport.park(this);
      }
      go = false;
    }

    @Override
    public void run() {
      while (true) {
        awaitBaton();
        if (closed) {
          return;
        }
        Simulation running = simulation;
        Actor acting = actor;
        if (running != null && acting != null) {
          running.play(acting, this);
        }
      }
    }
  }

  /** Workers for simulations that the calling thread will run. */
  public Workers() {}

  /** The thread that runs the simulation. */
  Worker caller() {
    return caller;
  }

  Worker take(Simulation simulation, Actor actor) {
    Worker worker = free.poll();
    if (worker == null) {
      worker = new Worker("simulated-" + ++made);
    }
    worker.simulation = simulation;
    worker.actor = actor;
    return worker;
  }

  void giveBack(Worker worker) {
    worker.simulation = null;
    worker.actor = null;
    free.push(worker);
  }

  /** Ends the threads. */
  @Override
  public void close() {
    for (Worker worker : free) {
      worker.closed = true;
      worker.wake();
    }
    free.clear();
  }
}
