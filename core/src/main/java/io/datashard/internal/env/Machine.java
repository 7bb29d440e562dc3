package io.datashard.internal.env;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * What the processes of one user on one machine share besides the store: seats, each held by at
 * most one process, and wires to whoever holds one.
 *
 * <p>Only for speed: nothing depends on a seat being held by one alone, on a message arriving, or
 * on any of this being there. Safe for use by many threads.
 */
public interface Machine {
  /** Nothing is shared: every process commits alone. */
  Machine NONE =
      new Machine() {
        @Override
        public boolean isThere() {
          return false;
        }

        @Override
        public @Nullable Seat trySeat(String key, int place) {
          return null;
        }

        @Override
        public @Nullable Wire connect(String key, int place, Wire.Listener listener) {
          return null;
        }
      };

  /** Whether seats and wires can be had at all. */
  boolean isThere();

  /**
   * Takes a seat if it is free. The kernel frees the seat of a process that dies.
   *
   * @param key what identifies the table on this machine
   * @param place which of the table's seats, from 0
   * @return null if it is held, by this process or another
   * @throws IOException no seats can be had here
   */
  @Nullable Seat trySeat(String key, int place) throws IOException;

  /**
   * Connects to the process that holds this seat.
   *
   * @param listener told what comes, on another thread, perhaps before this method has returned
   * @return null if nobody holds the seat or listens there yet
   * @throws IOException it cannot be reached from here, and will not be
   */
  @Nullable Wire connect(String key, int place, Wire.Listener listener) throws IOException;

  /** A seat that this process holds until it closes it. */
  interface Seat extends AutoCloseable {
    /**
     * Lets processes of the same user connect.
     *
     * @param listener told of every wire
     * @throws IOException nobody can connect
     */
    void listen(Wire.Listener listener) throws IOException;

    /** Cuts all wires after what was sent on them, then frees the seat. */
    @Override
    void close();
  }
}
