package io.datashard.internal.env;

import java.nio.ByteBuffer;

/**
 * A connection between two processes of one machine that carries whole messages in order. A message
 * that was sent may still be lost, with the wire. Safe for use by many threads.
 */
public interface Wire {
  /** The longest message, bytes. */
  int MESSAGE_BYTES_MAX = 512 << 10;

  /**
   * Sends a message without waiting; nothing happens if the wire is closed. The caller bounds what
   * is under way, by its protocol: what cannot be sent at once is kept, and a wire on which tens of
   * megabytes wait is cut.
   *
   * @param message at most {@link #MESSAGE_BYTES_MAX} bytes, position to limit; its content must
   *     not change any more
   */
  void send(ByteBuffer message);

  /** Stops or goes on reading; what the other side sends meanwhile waits at its end. */
  void read(boolean on);

  /** Cuts the wire; the listener is told once, on both sides. */
  void close();

  /**
   * Hears of one wire or of many. Called on a thread of the machine, one call at a time for all of
   * a process's wires; must not wait.
   */
  interface Listener {
    /** A wire was made; on the side of the seat only. */
    default void opened(Wire wire) {}

    /** A message came, whole; the buffer is the listener's. */
    void received(Wire wire, ByteBuffer message);

    /** Nothing will come any more, and what was not sent yet is lost. */
    void closed(Wire wire);
  }
}
