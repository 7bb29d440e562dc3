package io.datashard.internal.env;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that looks after all wires and listening seats of a process. It starts when the
 * first is registered and ends a while after the last is gone; it keeps no JVM alive.
 *
 * <p>All listeners are called on it. Other threads hand it tasks; while it is not asleep that costs
 * no system call. Nothing that a task or a channel throws ends it.
 */
final class WireLoop {
  private static final Logger LOG = LoggerFactory.getLogger(WireLoop.class);
  private static final long IDLE_NANOS = 3_000_000_000L;
  private static final int SCRATCH_BYTES = 64 << 10;

  private static final ReentrantLock LIFE = new ReentrantLock();

  /** The loop that runs; guarded by LIFE. */
  private static @Nullable WireLoop current;

  private final Selector selector;
  private final Thread thread;
  private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
  private final AtomicBoolean asleep = new AtomicBoolean();

  // Only touched by the loop's thread.
  private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long idleSince;

  /** What is registered. */
  interface Attendant {
    /** Registers its channel. */
    void begin();

    /** The channel is ready for some of what was asked. */
    void ready(SelectionKey key) throws IOException;

    /** The channel must be closed: something failed, or the loop ends. */
    void abandon(@Nullable Throwable cause);
  }

  private record Timer(long atNanos, Runnable task) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      return Long.signum(atNanos - other.atNanos);
    }
  }

  private WireLoop() throws IOException {
    selector = Selector.open();
    // No inherited thread locals and no class loader of an application: it may outlive it.
    thread = new Thread(null, this::run, "datashard-wires", 0, false);
    thread.setContextClassLoader(null);
    thread.setDaemon(true);
  }

  /**
   * Makes something for the loop, which is started if there is none, and begins it on the loop's
   * thread. The loop lives at least until then.
   *
   * @throws IOException there can be no loop
   */
  static <T extends Attendant> T enter(Function<WireLoop, T> make) throws IOException {
    WireLoop loop;
    T made;
    LIFE.lock();
    try {
      loop = current;
      if (loop == null) {
        loop = start();
        current = loop;
      }
      made = make.apply(loop);
      loop.tasks.add(made::begin);
    } finally {
      LIFE.unlock();
    }
    loop.wake();
    return made;
  }

  private static WireLoop start() throws IOException {
    WireLoop loop = new WireLoop();
    try {
      loop.thread.start();
    } catch (OutOfMemoryError e) {
      loop.selector.close();
      throw new IOException("No thread can be started for the wires of this process.", e);
    }
    return loop;
  }

  /** Runs this on the loop's thread, in order; not at all if the loop has ended. */
  void submit(Runnable task) {
    tasks.add(task);
    wake();
  }

  private void wake() {
    if (asleep.get() && asleep.compareAndSet(true, false)) {
      selector.wakeup();
    }
  }

  boolean isThisThread() {
    return Thread.currentThread() == thread;
  }

  // From here on the loop's thread only.

  /** What is read goes here first; one read at a time. */
  ByteBuffer scratch() {
    return scratch;
  }

  SelectionKey register(SelectableChannel channel, int operations, Attendant attendant)
      throws IOException {
    return channel.register(selector, operations, attendant);
  }

  /** Runs this after a while. */
  void later(long nanos, Runnable task) {
    timers.add(new Timer(System.nanoTime() + nanos, task));
  }

  private void run() {
    Throwable cause = null;
    try {
      idleSince = System.nanoTime();
      while (!isOver()) {
        runTasks();
        select();
        attend();
      }
    } catch (IOException | RuntimeException | Error e) {
      LOG.error("The wires of this process are cut", e);
      cause = e;
    } finally {
      end(cause);
    }
  }

  private void runTasks() {
    for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
      safely(task);
    }
    while (!timers.isEmpty() && timers.element().atNanos - System.nanoTime() <= 0) {
      safely(timers.remove().task);
    }
  }

  private static void safely(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | Error e) {
      LOG.error("A task for wires failed", e);
    }
  }

  private void select() throws IOException {
    long wait = waitMillis();
    asleep.set(true);
    try {
      if (!tasks.isEmpty()) {
        selector.selectNow();
      } else {
        selector.select(wait);
      }
    } finally {
      asleep.set(false);
    }
    // Nobody has a reason to interrupt this thread; if it stayed so it would never sleep again.
    Thread.interrupted();
  }

  /** 0 for ever. */
  private long waitMillis() {
    long until = Long.MAX_VALUE;
    long now = System.nanoTime();
    if (!timers.isEmpty()) {
      until = timers.element().atNanos - now;
    }
    if (selector.keys().isEmpty()) {
      until = Math.min(until, idleSince + IDLE_NANOS - now);
    }
    return until == Long.MAX_VALUE ? 0 : Math.max(1, until / 1_000_000 + 1);
  }

  private void attend() {
    Iterator<SelectionKey> ready = selector.selectedKeys().iterator();
    while (ready.hasNext()) {
      SelectionKey key = ready.next();
      ready.remove();
      Attendant attendant = (Attendant) key.attachment();
      try {
        if (key.isValid()) {
          attendant.ready(key);
        }
      } catch (IOException | RuntimeException | Error e) {
        attendant.abandon(e);
      }
    }
  }

  /** Whether nothing was registered for a while; then nobody finds this loop any more. */
  private boolean isOver() {
    if (!selector.keys().isEmpty() || !timers.isEmpty()) {
      idleSince = System.nanoTime();
      return false;
    }
    if (System.nanoTime() - idleSince < IDLE_NANOS) {
      return false;
    }
    LIFE.lock();
    try {
      if (!tasks.isEmpty()) {
        return false;
      }
      forget();
      return true;
    } finally {
      LIFE.unlock();
    }
  }

  private void end(@Nullable Throwable cause) {
    LIFE.lock();
    try {
      forget();
    } finally {
      LIFE.unlock();
    }
    runTasks(); // what came before it was forgotten
    for (SelectionKey key : new ArrayList<>(selector.keys())) {
      ((Attendant) key.attachment()).abandon(cause);
    }
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("A selector could not be closed", e);
    }
  }

  /** The caller holds LIFE. */
  private void forget() {
    if (current == this) {
      current = null;
    }
  }
}
