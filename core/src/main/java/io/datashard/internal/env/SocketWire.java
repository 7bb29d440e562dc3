package io.datashard.internal.env;

import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A wire over a Unix-domain socket.
 *
 * <p>The sending thread writes by itself while nothing waits to be sent, for handing over to
 * another thread costs more than the write. What the socket does not take waits, and the loop's
 * thread sends it. Everything else happens on the loop's thread: reading, closing, and all calls of
 * the listener. No call that an interrupt turns into a close is made: the socket never blocks.
 *
 * <p>When sending fails the other side is gone, but what it said before it went may still be there:
 * it is handed on before the wire is cut.
 */
final class SocketWire implements Wire, WireLoop.Attendant, Incoming.Gate {
  private static final Logger LOG = LoggerFactory.getLogger(SocketWire.class);

  /** A wire on which more waits to be sent is cut: whoever it leads to does not read. */
  static final long WAITING_BYTES_MAX = 32L << 20;

  /** Other wires want to be read too. */
  private static final int READS_MAX = 4;

  /** More than a socket can hold: what is left there when the other side is gone is less. */
  private static final int LAST_READS_MAX = 1024;

  private enum State {
    OPEN,
    /** Sends what waits, then is cut. */
    ENDING,
    /** To be cut. */
    CLOSING,
    CUT
  }

  private final WireLoop loop;
  private final SocketChannel channel;
  private final Listener listener;
  private final Consumer<Wire> opener;
  private final Consumer<Wire> whenCut;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean toAttend = new AtomicBoolean();
  private volatile boolean reading = true;

  // Guarded by the lock; the state may be read without.
  private final Outgoing outgoing = new Outgoing();
  private volatile State state = State.OPEN;
  private boolean broken;

  // Only touched by the loop's thread.
  private final Incoming incoming = new Incoming();
  private @Nullable SelectionKey key;
  private int asked;

  /**
   * @param channel connected, and not blocking
   * @param opener runs on the loop's thread before anything is read
   * @param whenCut runs on the loop's thread before the listener hears of it
   */
  SocketWire(
      WireLoop loop,
      SocketChannel channel,
      Listener listener,
      Consumer<Wire> opener,
      Consumer<Wire> whenCut) {
    this.loop = loop;
    this.channel = channel;
    this.listener = listener;
    this.opener = opener;
    this.whenCut = whenCut;
  }

  @Override
  public void send(ByteBuffer message) {
    if (message.remaining() > MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a message of "
              + message.remaining()
              + " bytes, at most "
              + MESSAGE_BYTES_MAX
              + " are allowed");
    }
    boolean attend;
    lock.lock();
    try {
      if (state != State.OPEN || broken) {
        return;
      }
      boolean first = outgoing.isEmpty();
      outgoing.add(message);
      if (first) {
        write();
        attend = broken || !outgoing.isEmpty();
      } else {
        attend = outgoing.bytes() > WAITING_BYTES_MAX;
      }
    } finally {
      lock.unlock();
    }
    if (attend) {
      attendSoon();
    }
  }

  /** Writes what can be written now. The caller holds the lock. */
  private void write() {
    try {
      outgoing.writeTo(channel);
    } catch (IOException e) {
      LOG.debug("A wire can send nothing more: {}", e.toString());
      broken = true;
      outgoing.clear();
    }
  }

  @Override
  public void read(boolean on) {
    if (reading != on) {
      reading = on;
      attendSoon();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (state != State.OPEN && state != State.ENDING) {
        return;
      }
      state = State.CLOSING;
    } finally {
      lock.unlock();
    }
    attendSoon();
  }

  private void attendSoon() {
    if (toAttend.compareAndSet(false, true)) {
      loop.submit(this::attend);
    }
  }

  // From here on the loop's thread only.

  @Override
  public void begin() {
    try {
      key = loop.register(channel, 0, this);
      opener.accept(this);
    } catch (IOException | RuntimeException | Error e) {
      abandon(e);
      return;
    }
    attend();
  }

  /** Sends what waits, for so long at most, and cuts the wire. */
  void end(long nanos) {
    lock.lock();
    try {
      if (state != State.OPEN) {
        return;
      }
      state = State.ENDING;
    } finally {
      lock.unlock();
    }
    attend();
    if (state != State.CUT) {
      loop.later(nanos, this::cut);
    }
  }

  private void attend() {
    toAttend.set(false);
    if (state == State.CUT) {
      return;
    }
    try {
      if (state == State.OPEN) {
        incoming.handOn(this);
      }
      settle();
    } catch (IOException | RuntimeException | Error e) {
      abandon(e);
    }
  }

  @Override
  public void ready(SelectionKey ready) throws IOException {
    if (ready.isReadable()) {
      readSome(READS_MAX);
    }
    if (state != State.CUT && ready.isWritable()) {
      lock.lock();
      try {
        write();
      } finally {
        lock.unlock();
      }
    }
    settle();
  }

  /** Cuts the wire if that is due, or else asks to be called for what can be done next. */
  private void settle() throws IOException {
    boolean gone;
    boolean writes;
    lock.lock();
    try {
      gone = broken;
      writes = !outgoing.isEmpty();
      if (outgoing.bytes() > WAITING_BYTES_MAX) {
        throw new ProtocolException(
            outgoing.bytes() + " bytes wait to be sent, and nobody reads them");
      }
    } finally {
      lock.unlock();
    }
    if (state == State.CUT) {
      return;
    }
    if (gone && state == State.OPEN) {
      readSome(LAST_READS_MAX);
    }
    if (gone || state == State.CLOSING || state == State.ENDING && !writes) {
      cut();
    } else {
      boolean reads = state == State.OPEN && reading;
      ask((reads ? SelectionKey.OP_READ : 0) | (writes ? SelectionKey.OP_WRITE : 0));
    }
  }

  private void ask(int operations) {
    if (key != null && operations != asked) {
      key.interestOps(operations);
      asked = operations;
    }
  }

  private void readSome(int reads) throws IOException {
    for (int i = 0; i < reads && isOpen(); i++) {
      int read = incoming.read(channel, loop.scratch(), this);
      if (read < 0) {
        cut();
      }
      if (read <= 0 || incoming.isDrained()) {
        return;
      }
    }
  }

  @Override
  public boolean isOpen() {
    return reading && state == State.OPEN;
  }

  @Override
  public void accept(ByteBuffer message) {
    listener.received(this, message);
  }

  @Override
  public void abandon(@Nullable Throwable cause) {
    if (cause instanceof ProtocolException) {
      LOG.warn("A wire is cut: {}", cause.toString());
    } else if (cause instanceof IOException) {
      LOG.debug("A wire is cut: {}", cause.toString());
    } else if (cause != null) {
      LOG.error("A wire is cut, for its listener failed", cause);
    }
    cut();
  }

  private void cut() {
    lock.lock();
    try {
      if (state == State.CUT) {
        return;
      }
      state = State.CUT;
      outgoing.clear();
    } finally {
      lock.unlock();
    }
    try {
      channel.close();
    } catch (IOException e) {
      LOG.debug("A wire could not be closed: {}", e.toString());
    }
    whenCut.accept(this);
    try {
      listener.closed(this);
    } catch (RuntimeException | Error e) {
      LOG.error("A listener failed when its wire was closed", e);
    }
  }
}
