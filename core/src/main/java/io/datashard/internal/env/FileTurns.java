package io.datashard.internal.env;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Turns among the threads and processes of one user on one machine, by a fair lock in the process
 * and a kernel file lock between processes.
 *
 * <p>How it works: the lock file lies outside the table, in a folder that only the user can enter.
 * The kernel frees the lock of a process that dies. A process that is frozen keeps it, so every
 * holder writes a new number into the file when its turn begins, and whoever sees the same number
 * for {@link #STUCK} gives the waiting up, at once for a while. Where anything about the file fails
 * there are no turns, which costs speed and nothing else. A file is open only while some thread of
 * this process wants a turn, the one that was used last stays open; and only once: closing it
 * anywhere in a process frees the lock.
 */
final class FileTurns {
  private static final long STUCK = Duration.ofMillis(300).toNanos();

  /** A file that was open and unused so long may have been removed ({@link Leftovers}). */
  private static final long REOPEN = Duration.ofMinutes(1).toNanos();

  /** How a turn's file ends. */
  static final String END = ".turn";

  private static final long DISTRUST = Duration.ofSeconds(10).toNanos();
  private static final long POLL_NANOS_MIN = 200_000;
  private static final long POLL_NANOS_SPAN = 1_000_000;

  private static final FileTurns SHARED = new FileTurns(folder());

  private final @Nullable Path folder;
  private final Map<String, Gate> gates = new ConcurrentHashMap<>();

  /** The key that was left last: its file stays open, for a busy table comes again at once. */
  private final AtomicReference<String> lastLeft = new AtomicReference<>("");

  FileTurns(@Nullable Path folder) {
    this.folder = folder;
  }

  static FileTurns shared() {
    return SHARED;
  }

  private static @Nullable Path folder() {
    MachineFolder found = MachineFolder.shared();
    return found == null ? null : found.path();
  }

  /** A place in the queue for this key. */
  Turn of(String key, Env env) {
    return folder == null ? Turn.NONE : new Place(key, env);
  }

  /** What all threads of this process share for one key. */
  private static final class Gate {
    final ReentrantLock inProcess = new ReentrantLock(true);
    int users;
    // Only touched by the holder of inProcess, or when there are no users.
    @Nullable RandomAccessFile file;
    @Nullable FileLock lock;
    long usedNanos;
    long distrustUntil = Long.MIN_VALUE;
  }

  private Gate enter(String key) {
    return java.util.Objects.requireNonNull(
        gates.compute(
            key,
            (k, gate) -> {
              Gate entered = gate == null ? new Gate() : gate;
              entered.users++;
              return entered;
            }));
  }

  private void leave(String key) {
    gates.computeIfPresent(key, (k, gate) -> --gate.users == 0 && gate.file == null ? null : gate);
    String before = lastLeft.getAndSet(key);
    if (!before.equals(key)) {
      gates.computeIfPresent(before, (k, gate) -> gate.users > 0 ? gate : closed(gate));
    }
  }

  /** Nobody uses the gate, so its file may be touched; it is forgotten then. */
  private static @Nullable Gate closed(Gate gate) {
    closeFile(gate);
    return null;
  }

  private static void closeFile(Gate held) {
    RandomAccessFile file = held.file;
    held.file = null;
    if (file != null) {
      try {
        file.close();
      } catch (IOException e) {
        // Nothing was written that anybody needs.
      }
    }
  }

  private final class Place implements Turn {
    private final String key;
    private final Env env;
    private @Nullable Gate gate;

    Place(String key, Env env) {
      this.key = key;
      this.env = env;
    }

    @Override
    public boolean tryTake() {
      Gate entered = enter(key);
      if (entered.inProcess.tryLock()) {
        gate = entered;
        open(entered);
        if (entered.file == null || lock(entered)) {
          return true;
        }
        close();
      } else {
        leave(key);
      }
      return false;
    }

    @Override
    public void await() throws InterruptedException {
      Gate entered = enter(key);
      try {
        entered.inProcess.lockInterruptibly();
      } catch (InterruptedException e) {
        leave(key);
        throw e;
      }
      gate = entered;
      open(entered);
      try {
        waitForFile(entered);
      } catch (InterruptedException e) {
        close();
        throw e;
      }
    }

    private void waitForFile(Gate entered) throws InterruptedException {
      long number = Long.MIN_VALUE;
      long since = env.nanoTime();
      while (entered.file != null && !lock(entered)) {
        long now = env.nanoTime();
        if (now < entered.distrustUntil) {
          return;
        }
        long seen = number(entered);
        if (seen != number) {
          number = seen;
          since = now;
        } else if (now - since > STUCK) {
          entered.distrustUntil = now + DISTRUST;
          return;
        }
        env.sleep(Duration.ofNanos(POLL_NANOS_MIN + env.randomBelow(POLL_NANOS_SPAN)));
      }
    }

    private void open(Gate entered) {
      long now = env.nanoTime();
      if (entered.file != null && now - entered.usedNanos > REOPEN) {
        closeFile(entered);
      }
      entered.usedNanos = now;
      if (entered.file != null) {
        return;
      }
      try {
        String name = UUID.nameUUIDFromBytes(key.getBytes(StandardCharsets.UTF_8)) + END;
        entered.file =
            new RandomAccessFile(
                java.util.Objects.requireNonNull(folder).resolve(name).toFile(), "rw");
      } catch (IOException e) {
        entered.file = null;
      }
    }

    /** Whether the kernel gave us the lock; then everybody sees that the queue moves. */
    private boolean lock(Gate entered) {
      RandomAccessFile file = java.util.Objects.requireNonNull(entered.file);
      try {
        entered.lock = file.getChannel().tryLock();
        if (entered.lock == null) {
          return false;
        }
        file.seek(0);
        file.write(ByteBuffer.allocate(Long.BYTES).putLong(env.randomId()).array());
        entered.distrustUntil = Long.MIN_VALUE;
        return true;
      } catch (OverlappingFileLockException e) {
        return false; // another class loader of this process has it
      } catch (IOException e) {
        closeFile(entered);
        return true; // no turns here: go on without
      }
    }

    private long number(Gate entered) {
      RandomAccessFile file = java.util.Objects.requireNonNull(entered.file);
      try {
        file.seek(0);
        return file.length() < Long.BYTES ? 0 : file.readLong();
      } catch (IOException e) {
        return 0;
      }
    }

    @Override
    public void close() {
      Gate held = gate;
      if (held == null) {
        return;
      }
      gate = null;
      FileLock lock = held.lock;
      held.lock = null;
      if (lock != null) {
        try {
          lock.release();
        } catch (IOException e) {
          closeFile(held); // which frees it too
        }
      }
      held.inProcess.unlock();
      leave(key);
    }
  }
}
