package io.datashard.internal.relay;

import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Wire;
import io.datashard.testkit.ForwardingEnv;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** Seats and wires inside one JVM: each {@link #process} is an Env of its own. */
final class LoopbackMachine implements AutoCloseable {
  private final Map<String, Held> seats = new ConcurrentHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread made = new Thread(work, "loopback");
            made.setDaemon(true);
            return made;
          });

  /** Every message that was delivered: its kind. */
  final List<Byte> delivered = new ArrayList<>();

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** A process; frozen ones hear and say nothing. */
  final class Process extends ForwardingEnv implements Machine {
    volatile boolean frozen;

    /** How far its clock is ahead of others' clocks. */
    volatile long aheadNanos;

    @Override
    public long nanoTime() {
      return super.nanoTime() + aheadNanos;
    }

    @Override
    public Machine machine() {
      return this;
    }

    @Override
    public boolean isThere() {
      return true;
    }

    @Override
    public Machine.@Nullable Seat trySeat(String key, int place) {
      Held seat = new Held(this, key + " " + place);
      return seats.putIfAbsent(seat.name, seat) == null ? seat : null;
    }

    @Override
    public @Nullable Wire connect(String key, int place, Wire.Listener listener) {
      Held seat = seats.get(key + " " + place);
      Wire.Listener theirs = seat == null ? null : seat.listener;
      if (seat == null || theirs == null) {
        return null;
      }
      End here = new End(this, listener);
      End there = new End(seat.holder, theirs);
      here.other = there;
      there.other = here;
      seat.ends.add(there);
      thread.execute(() -> theirs.opened(there));
      return here;
    }
  }

  Process process() {
    return new Process();
  }

  private final class Held implements Machine.Seat {
    final Process holder;
    final String name;
    final List<End> ends = java.util.Collections.synchronizedList(new ArrayList<>());
    volatile Wire.@Nullable Listener listener;

    Held(Process holder, String name) {
      this.holder = holder;
      this.name = name;
    }

    @Override
    public void listen(Wire.Listener newListener) {
      listener = newListener;
    }

    @Override
    public void close() {
      listener = null;
      List.copyOf(ends).forEach(End::close);
      seats.remove(name, this);
    }
  }

  private final class End implements Wire {
    final Process process;
    final Wire.Listener listener;
    @Nullable End other;
    boolean closed;

    End(Process process, Wire.Listener listener) {
      this.process = process;
      this.listener = listener;
    }

    private End other() {
      return java.util.Objects.requireNonNull(other);
    }

    @Override
    public void send(ByteBuffer message) {
      if (message.remaining() > MESSAGE_BYTES_MAX) {
        throw new IllegalArgumentException(message.remaining() + " bytes in a message");
      }
      byte[] copy = new byte[message.remaining()];
      message.duplicate().get(copy);
      thread.execute(
          () -> {
            if (!closed && !process.frozen && !other().process.frozen) {
              delivered.add(copy[0]);
              other().listener.received(other(), ByteBuffer.wrap(copy));
            }
          });
    }

    @Override
    public void read(boolean on) {}

    @Override
    public void close() {
      thread.execute(
          () -> {
            if (!closed) {
              closed = true;
              other().closed = true;
              listener.closed(this);
              other().listener.closed(other());
            }
          });
    }
  }
}
