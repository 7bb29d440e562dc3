package io.datashard.internal.env;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A monitor of the JDK: no {@code synchronized}, which would pin virtual threads. */
final class RealMonitor implements Monitor {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  @Override
  public void lock() {
    lock.lock();
  }

  @Override
  public void unlock() {
    lock.unlock();
  }

  @Override
  @SuppressWarnings("WaitNotInLoop") // the caller loops
  public void await(long nanos) throws InterruptedException {
    if (nanos == Long.MAX_VALUE) {
      changed.await();
    } else {
      changed.await(nanos, TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void awaitUninterruptibly(long nanos) {
    boolean interrupted = Thread.interrupted(); // else the wait would end at once
    try {
      await(nanos);
    } catch (InterruptedException e) {
      interrupted = true;
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Override
  public void signalAll() {
    changed.signalAll();
  }
}
