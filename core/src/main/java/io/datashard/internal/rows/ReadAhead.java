package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.error.StorageException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Pieces of a scan read by several threads, handed out in order.
 *
 * <p>How it works: whoever has time claims the first piece that wants a step, takes that one step
 * and puts the rows into the piece's queue. Helpers of the executor do so until no piece wants a
 * step, and then give their thread back: none ever waits, so that a pool of any size serves any
 * number of scans. The reader does the same while the rows that it needs next are not there; so a
 * scan needs no helper, and an executor that is busy, refuses work or is the one that the reader
 * itself runs on costs speed and nothing else.
 *
 * <p>Memory: the queues together hold {@link #budget} and a batch for each thread; at most as many
 * pieces as threads are open.
 *
 * <p>Failures come in their place: rows before them are handed out first, as if one thread read,
 * and what lies behind is not read any more. No lock but {@link #lock} is taken, and none during a
 * step.
 */
final class ReadAhead implements BatchSource {
  /** Of rows that are handed out next, so many batches lie ready. */
  private static final int BATCHES_READY = 8;

  private static final long BYTES_A_THREAD = 32 << 20;
  private static final int HEAP_PART = 16;

  /** After a refusal, so many occasions to ask for a helper pass by. */
  private static final int OCCASIONS_PASSED = 64;

  private static final class Slot {
    final Queue<Batch> batches = new ArrayDeque<>();
    boolean claimed;
    boolean ended;
    @Nullable Throwable failure;
  }

  private final List<Piece> pieces;
  private final Slot[] slots;
  private final int threads;
  private final Executor executor;
  private final long budget;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** The piece whose rows are handed out. */
  private int head;

  /** The first piece that was not begun; those before it were. */
  private int begun;

  /** Pieces that were begun and have not ended, in order. */
  private final List<Integer> open = new ArrayList<>();

  /** Nothing from here on is read. */
  private int end;

  private long bytesReady;

  /** Whether the queues were full and are not yet much emptier. */
  private boolean full;

  /** Helpers that were asked for and have not ended. */
  private int helpers;

  private int occasionsToPass;
  private int claimed;
  private boolean closed;
  private @Nullable Throwable surfaced;

  /**
   * Begins with the first call of {@link #next}.
   *
   * @param threads the reader's own and helpers, at least 2
   */
  ReadAhead(List<Piece> pieces, int threads, Executor executor) {
    this(
        pieces,
        threads,
        executor,
        Math.min(threads * BYTES_A_THREAD, Runtime.getRuntime().maxMemory() / HEAP_PART));
  }

  /**
   * The same.
   *
   * @param budget bytes of rows that lie ready
   */
  ReadAhead(List<Piece> pieces, int threads, Executor executor, long budget) {
    this.pieces = pieces;
    this.threads = threads;
    this.executor = executor;
    this.budget = budget;
    this.end = pieces.size();
    this.slots = new Slot[end];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot();
    }
  }

  @Override
  public @Nullable Batch next() {
    lock.lock();
    try {
      while (true) {
        if (surfaced != null) {
          throw thrown(surfaced);
        }
        if (closed || head == slots.length) {
          return null;
        }
        Slot slot = slots[head];
        Batch batch = slot.batches.poll();
        if (batch != null) {
          bytesReady -= BatchBytes.of(batch);
          full = full && bytesReady > budget / 2;
          askForHelp(slot.batches.size() <= BATCHES_READY / 2);
          return batch;
        }
        if (slot.failure != null) {
          surfaced = slot.failure;
          shut();
        } else if (slot.ended) {
          head++;
        } else {
          int place = claim(true);
          if (place >= 0) {
            step(place);
          } else {
            changed.await();
          }
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("The scan was interrupted while it waited for rows.", e);
    } finally {
      lock.unlock();
    }
  }

  private static RuntimeException thrown(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new StorageException("The scan failed: " + cause.getMessage(), cause);
  }

  /** The first piece that nobody has and that wants a step, or -1. Under the lock. */
  private int claim(boolean headToo) {
    if (closed) {
      return -1;
    }
    for (int place : open) {
      if (place < end && !slots[place].claimed && hasRoom(place) && (headToo || place != head)) {
        return place;
      }
    }
    return begun < end && open.size() < threads && hasRoom(begun) ? begun : -1;
  }

  private boolean hasRoom(int place) {
    int ready = slots[place].batches.size();
    return place == head ? ready == 0 || !full && ready < BATCHES_READY : !full;
  }

  /** Asks for one helper if there is a step to take; it asks for the next one. Under the lock. */
  private void askForHelp(boolean headToo) {
    if (helpers == threads - 1 || claim(headToo) < 0 || occasionsToPass-- > 0) {
      return;
    }
    helpers++;
    occasionsToPass = 0;
    // An executor may run the helper here and now.
    lock.unlock();
    boolean taken = false;
    try {
      executor.execute(this::help);
      taken = true;
    } catch (RuntimeException | OutOfMemoryError e) {
      // It is full, was shut down, or there are too many threads: whoever reads goes on alone.
    } finally {
      lock.lock();
      if (!taken) {
        helpers--;
        occasionsToPass = OCCASIONS_PASSED;
      }
    }
  }

  private void help() {
    lock.lock();
    try {
      int place = claim(true);
      while (place >= 0) {
        step(place);
        place = claim(true);
      }
    } finally {
      helpers--;
      lock.unlock();
    }
  }

  /** Takes one step of a piece that nobody has. Under the lock, which is free meanwhile. */
  private void step(int place) {
    Slot slot = slots[place];
    if (place == begun) {
      begun++;
      open.add(place);
    }
    slot.claimed = true;
    claimed++;
    askForHelp(true);
    lock.unlock();
    Batch batch = null;
    Throwable failure = null;
    try {
      batch = pieces.get(place).next();
    } catch (Throwable e) {
      failure = e;
    } finally {
      lock.lock();
    }
    if (batch == null || closed) {
      end(place, failure);
    } else if (batch.rows() > 0) {
      slot.batches.add(batch);
      bytesReady += BatchBytes.of(batch);
      full = full || bytesReady >= budget;
    }
    slot.claimed = false;
    claimed--;
    changed.signalAll();
  }

  /** Ends a piece that this thread has claimed, or that nobody can. Under the lock. */
  private void end(int place, @Nullable Throwable failure) {
    Slot slot = slots[place];
    open.remove((Integer) place);
    slot.ended = true;
    slot.failure = failure;
    try {
      pieces.get(place).close();
    } catch (RuntimeException | Error e) {
      slot.failure = failure == null ? e : failure;
    }
    if (slot.failure != null) {
      end = Math.min(end, place);
    }
  }

  /** Waits for the steps that are being taken, so that no file is open afterwards. */
  @Override
  public void close() {
    lock.lock();
    try {
      shut();
    } finally {
      lock.unlock();
    }
  }

  private void shut() {
    closed = true;
    changed.signalAll();
    while (claimed > 0) {
      changed.awaitUninterruptibly();
    }
    for (int i = head; i < slots.length; i++) {
      if (!slots[i].ended) {
        end(i, null);
      }
      slots[i].batches.clear();
    }
    bytesReady = 0;
    head = slots.length;
  }
}
