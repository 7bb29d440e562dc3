package io.datashard.internal.env;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The real machine: seats are kernel locks on files, wires are Unix-domain sockets, and both lie in
 * a folder that only the user can enter. Nothing is looked for or loaded before the first call.
 */
final class LocalMachine implements Machine {
  /** The one of this process. */
  static final LocalMachine SHARED = new LocalMachine(MachineFolder::shared);

  private final Supplier<@Nullable MachineFolder> folder;

  LocalMachine(Supplier<@Nullable MachineFolder> folder) {
    this.folder = folder;
  }

  /**
   * Asked once: some systems have files but no such sockets. Asking also loads what a seat needs to
   * listen; who loads it while he has the seat already cannot be reached so long.
   */
  private static final class Sockets {
    static final boolean EXIST = exist();

    private static boolean exist() {
      try {
        SocketChannel.open(StandardProtocolFamily.UNIX).close();
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).close();
        return true;
      } catch (IOException | RuntimeException e) {
        LoggerFactory.getLogger(LocalMachine.class)
            .debug("There are no Unix-domain sockets: {}", e.toString());
        return false;
      }
    }
  }

  private @Nullable MachineFolder meetingPlace() {
    MachineFolder found = folder.get();
    return found != null && Sockets.EXIST ? found : null;
  }

  @Override
  public boolean isThere() {
    return meetingPlace() != null;
  }

  @Override
  public @Nullable Seat trySeat(String key, int place) throws IOException {
    MachineFolder found = meetingPlace();
    if (found == null) {
      return null;
    }
    SeatFiles files = found.seat(key, place);
    SeatLock lock = SeatLock.tryTake(files.lock());
    return lock == null ? null : new LocalSeat(lock, files, found.owner());
  }

  @Override
  public @Nullable Wire connect(String key, int place, Wire.Listener listener) throws IOException {
    MachineFolder found = meetingPlace();
    if (found == null) {
      return null;
    }
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    boolean connected = false;
    try {
      channel.configureBlocking(false); // a frozen process lets nobody in, and we must not wait
      if (!connect(channel, found.seat(key, place).socket())) {
        return null;
      }
      PeerUser.require(found.owner(), channel);
      Wire wire = WireLoop.enter(loop -> new SocketWire(loop, channel, listener, w -> {}, w -> {}));
      connected = true;
      return wire;
    } finally {
      if (!connected) {
        channel.close();
      }
    }
  }

  /** Whether somebody listens there: nobody may, or nobody alive, or more wait than he lets in. */
  private static boolean connect(SocketChannel channel, Path socket) {
    try {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }
}
