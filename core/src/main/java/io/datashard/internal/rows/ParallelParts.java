package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.error.StorageException;
import io.datashard.internal.env.SharedThreads;
import io.datashard.internal.parquet.BatchReader;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Parts of a scan read by several threads, handed out in order.
 *
 * <p>How it works: workers take parts in order, each fills the queue of the part it has. The caller
 * empties the queue of the first part, then of the second, and so on; since parts are taken in
 * order, the one it waits for is always being read. A queue holds {@value #BATCHES_AHEAD} batches,
 * so memory is bounded by the number of workers. The first failure ends all workers and is thrown
 * to the caller. No lock but {@link #lock} is taken, and none while a batch is read.
 */
final class ParallelParts implements BatchSource {
  private static final int BATCHES_AHEAD = 4;

  private static final class Slot {
    final Queue<Batch> batches = new ArrayDeque<>();
    boolean ended;
  }

  private final List<FileScan.Part> parts;
  private final Slot[] slots;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private int taken;
  private int reading;
  private int working;
  private boolean closed;
  private @Nullable Throwable failure;

  ParallelParts(List<FileScan.Part> parts, int threads) {
    this.parts = parts;
    this.slots = new Slot[parts.size()];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot();
    }
    working = threads;
    for (int i = 0; i < threads; i++) {
      SharedThreads.pool().execute(this::work);
    }
  }

  private void work() {
    try {
      int place = take();
      while (place >= 0) {
        fill(parts.get(place), slots[place]);
        place = take();
      }
    } catch (Throwable e) {
      fail(e);
    } finally {
      lock.lock();
      try {
        working--;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  /** The next part nobody has, or -1. */
  private int take() {
    lock.lock();
    try {
      return closed || failure != null || taken == parts.size() ? -1 : taken++;
    } finally {
      lock.unlock();
    }
  }

  private void fill(FileScan.Part part, Slot slot) throws InterruptedException {
    try (BatchReader reader = part.open()) {
      for (Batch batch = reader.next(); batch != null; batch = reader.next()) {
        if (batch.rows() > 0 && !put(slot, batch)) {
          return;
        }
      }
    } finally {
      part.done();
    }
    lock.lock();
    try {
      slot.ended = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** False if nobody wants the batch any more. */
  private boolean put(Slot slot, Batch batch) throws InterruptedException {
    lock.lock();
    try {
      while (slot.batches.size() >= BATCHES_AHEAD && !closed && failure == null) {
        changed.await();
      }
      if (closed || failure != null) {
        return false;
      }
      slot.batches.add(batch);
      changed.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void fail(Throwable cause) {
    lock.lock();
    try {
      if (failure == null) {
        failure = cause;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public @Nullable Batch next() {
    lock.lock();
    try {
      while (true) {
        if (failure != null) {
          throw surfaced(failure);
        }
        if (closed || reading == slots.length) {
          return null;
        }
        Slot slot = slots[reading];
        Batch batch = slot.batches.poll();
        if (batch != null) {
          changed.signalAll();
          return batch;
        }
        if (slot.ended) {
          reading++;
        } else {
          changed.await();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StorageException("The scan was interrupted while it waited for rows.", e);
    } finally {
      lock.unlock();
    }
  }

  private static RuntimeException surfaced(Throwable cause) {
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException known
        ? known
        : new StorageException("The scan failed: " + cause.getMessage(), cause);
  }

  /** Ends the workers and waits for them, so that no file is open afterwards. */
  @Override
  public void close() {
    boolean interrupted = false;
    lock.lock();
    try {
      boolean first = !closed;
      closed = true;
      changed.signalAll();
      while (working > 0) {
        try {
          changed.await();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      for (int i = taken; first && i < parts.size(); i++) {
        parts.get(i).done();
      }
    } finally {
      lock.unlock();
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
