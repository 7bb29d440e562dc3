package io.datashard.internal.env;

/**
 * A lock with one condition. All waiting of the protocol goes through monitors and {@link
 * Env#sleep}, so that a simulation can decide who runs.
 */
public interface Monitor {
  /** Takes the lock; a thread that has it already must not. */
  void lock();

  void unlock();

  /**
   * Frees the lock, waits for {@link #signalAll}, at most so long, and takes the lock again. May
   * return for no reason.
   *
   * @param nanos how long; {@link Long#MAX_VALUE} for ever
   * @throws InterruptedException the thread was interrupted; the lock is held again
   */
  void await(long nanos) throws InterruptedException;

  /** The same, deaf to interrupts, which are kept. */
  void awaitUninterruptibly(long nanos);

  /** Wakes everyone who waits; the caller holds the lock. */
  void signalAll();
}
