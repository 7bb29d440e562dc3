package io.datashard.internal.env;

/**
 * A place in the queue of those who want to commit to one table from this machine.
 *
 * <p>Only for speed: whoever commits in turn rarely loses the race for a version and so does its
 * work once. Nothing depends on it being held, being exclusive, or existing at all. Used by one
 * thread.
 */
public interface Turn extends AutoCloseable {
  /** A queue with nobody in it. */
  Turn NONE =
      new Turn() {
        @Override
        public boolean tryTake() {
          return true;
        }

        @Override
        public void await() {}

        @Override
        public void close() {}
      };

  /** Takes the turn if nobody has it. */
  boolean tryTake();

  /**
   * Waits until it is this one's turn, or until those ahead seem to be stuck.
   *
   * @throws InterruptedException the thread was interrupted
   */
  void await() throws InterruptedException;

  /** Gives the turn to the next, if it was taken; it can be taken again. */
  @Override
  void close();
}
