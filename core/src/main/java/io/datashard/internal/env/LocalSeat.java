package io.datashard.internal.env;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A seat: a kernel lock, and a socket beside it while somebody listens.
 *
 * <p>The socket is made under a name that nobody looks for and renamed when it listens, which also
 * replaces what a dead holder left. Only the holder of the lock makes, renames or removes it.
 */
final class LocalSeat implements Machine.Seat {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSeat.class);
  private static final int BACKLOG = 1024;
  private static final int ACCEPTS_MAX = 64;
  private static final long ACCEPT_PAUSE_NANOS = 100_000_000;
  private static final long LAST_SENDS_NANOS = 500_000_000;
  private static final long CLOSE_NANOS = 1_000_000_000;

  /** Whether this process looked for what dead ones left. */
  private static final AtomicBoolean LOOKED = new AtomicBoolean();

  private final SeatLock seat;
  private final SeatFiles files;
  private final UserPrincipal user;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.
  private boolean closed;
  private @Nullable Door door;

  LocalSeat(SeatLock seat, SeatFiles files, UserPrincipal user) {
    this.seat = seat;
    this.files = files;
    this.user = user;
  }

  @Override
  public void listen(Wire.Listener listener) throws IOException {
    lock.lock();
    try {
      if (closed || door != null) {
        throw new IllegalStateException("the seat is closed, or listens already");
      }
      ServerSocketChannel server = open();
      try {
        door = WireLoop.enter(loop -> new Door(loop, server, listener));
      } catch (IOException | RuntimeException | Error e) {
        server.close();
        throw e;
      }
    } finally {
      lock.unlock();
    }
  }

  private ServerSocketChannel open() throws IOException {
    Path fresh = files.freshSocket();
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.configureBlocking(false);
      Files.deleteIfExists(fresh);
      server.bind(UnixDomainSocketAddress.of(fresh), BACKLOG);
      SeatLock.protect(fresh);
      Files.move(fresh, files.socket(), StandardCopyOption.ATOMIC_MOVE);
      return server;
    } catch (IOException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  @Override
  public void close() {
    Door opened;
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      opened = door;
    } finally {
      lock.unlock();
    }
    try {
      if (opened != null) {
        if (seat.isNamed()) {
          Files.deleteIfExists(files.socket());
        }
        opened.close();
      }
    } catch (IOException e) {
      LOG.debug("A socket could not be removed: {}", e.toString());
    } finally {
      seat.free();
    }
  }

  /** What the loop's thread knows of a seat that listens. */
  private final class Door implements WireLoop.Attendant {
    private final WireLoop loop;
    private final ServerSocketChannel server;
    private final Wire.Listener listener;
    private final CountDownLatch over = new CountDownLatch(1);

    // Only touched by the loop's thread.
    private final Set<SocketWire> wires = new HashSet<>();
    private @Nullable SelectionKey key;
    private boolean ending;

    Door(WireLoop loop, ServerSocketChannel server, Wire.Listener listener) {
      this.loop = loop;
      this.server = server;
      this.listener = listener;
    }

    @Override
    public void begin() {
      try {
        key = loop.register(server, SelectionKey.OP_ACCEPT, this);
        if (LOOKED.compareAndSet(false, true)) {
          Leftovers.remove(
              Objects.requireNonNull(files.place().getParent()), System.currentTimeMillis());
        }
      } catch (IOException | RuntimeException e) {
        abandon(e);
      }
    }

    @Override
    public void ready(SelectionKey ready) {
      try {
        for (int i = 0; i < ACCEPTS_MAX; i++) {
          SocketChannel channel = server.accept();
          if (channel == null) {
            return;
          }
          accept(channel);
        }
      } catch (IOException e) {
        // Too many open files, for example: it would be tried at once again, and again.
        LOG.warn("A process cannot connect now: {}", e.toString());
        ready.interestOps(0);
        loop.later(ACCEPT_PAUSE_NANOS, this::acceptAgain);
      }
    }

    private void acceptAgain() {
      if (key != null && key.isValid()) {
        key.interestOps(SelectionKey.OP_ACCEPT);
      }
    }

    private void accept(SocketChannel channel) throws IOException {
      try {
        channel.configureBlocking(false);
        PeerUser.require(user, channel);
      } catch (IOException | RuntimeException | Error e) {
        LOG.warn("A process is not let in: {}", e.toString());
        channel.close();
        return;
      }
      SocketWire wire = new SocketWire(loop, channel, listener, listener::opened, this::forget);
      wires.add(wire);
      wire.begin();
    }

    private void forget(Wire wire) {
      wires.remove(wire);
      if (ending && wires.isEmpty()) {
        over.countDown();
      }
    }

    @Override
    public void abandon(@Nullable Throwable cause) {
      if (cause != null) {
        LOG.error("Nobody can connect any more", cause);
      }
      try {
        server.close();
      } catch (IOException e) {
        LOG.debug("A socket could not be closed: {}", e.toString());
      }
    }

    /** Lets nobody in any more, sends what waits, cuts all wires. */
    void close() {
      if (loop.isThisThread()) {
        end();
        return;
      }
      loop.submit(this::end);
      boolean interrupted = false;
      long until = System.nanoTime() + CLOSE_NANOS;
      while (true) {
        try {
          if (!over.await(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
            LOG.debug("The wires of a seat are not all closed yet");
          }
          break;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }

    private void end() {
      abandon(null);
      ending = true;
      for (SocketWire wire : List.copyOf(wires)) {
        wire.end(LAST_SENDS_NANOS);
      }
      if (wires.isEmpty()) {
        over.countDown();
      }
    }
  }
}
