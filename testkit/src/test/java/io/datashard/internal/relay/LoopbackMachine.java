package io.datashard.internal.relay;

import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Wire;
import io.datashard.testkit.ForwardingEnv;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
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

  /** Seats that were taken so far, by anybody. */
  final AtomicInteger seatsTaken = new AtomicInteger();

  private final List<End> all = java.util.Collections.synchronizedList(new ArrayList<>());

  /** Every message that was delivered: its kind. */
  final List<Byte> delivered = new ArrayList<>();

  @Override
  public void close() {
    thread.shutdownNow();
  }

  /** Waits until all that was sent is delivered. */
  void drain() throws Exception {
    for (int i = 0; i < 3; i++) {
      thread.submit(() -> {}).get();
    }
  }

  /** Wires that this process made and nobody closed. */
  int openWiresOf(Process process) {
    return (int) List.copyOf(all).stream().filter(e -> e.process == process && !e.closed).count();
  }

  /** A process; frozen ones hear and say nothing. */
  final class Process extends ForwardingEnv implements Machine {
    volatile boolean frozen;

    /** Kinds of messages that it does not send. */
    final Set<Byte> unsaid = ConcurrentHashMap.newKeySet();

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
      boolean taken = seats.putIfAbsent(seat.name, seat) == null;
      if (taken) {
        seatsTaken.incrementAndGet();
      }
      return taken ? seat : null;
    }

    /** Its seats are free and its wires cut; its threads go on, but nobody hears of them. */
    void die() {
      List.copyOf(seats.values()).stream().filter(seat -> seat.holder == this).forEach(Held::close);
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
      all.add(here);
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
    volatile boolean closed;

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
            if (!closed
                && !process.frozen
                && !other().process.frozen
                && !process.unsaid.contains(copy[0])) {
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
