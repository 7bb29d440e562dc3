package io.datashard.internal.relay;

import io.datashard.internal.env.Env;
import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Monitor;
import io.datashard.internal.env.Wire;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
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
  final class Process implements Env, Machine {
    private final Map<Class<?>, Object> shared = new ConcurrentHashMap<>();
    volatile boolean frozen;

    @Override
    public long nowMillis() {
      return Env.system().nowMillis();
    }

    @Override
    public long nanoTime() {
      return Env.system().nanoTime();
    }

    @Override
    public long randomId() {
      return Env.system().randomId();
    }

    @Override
    public long randomBelow(long bound) {
      return Env.system().randomBelow(bound);
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      Env.system().sleep(time);
    }

    @Override
    public Monitor monitor() {
      return Env.system().monitor();
    }

    @Override
    public void start(String threadName, Runnable body) {
      Env.system().start(threadName, body);
    }

    @Override
    public Machine machine() {
      return this;
    }

    @Override
    public <T> T shared(Class<T> type, Supplier<T> make) {
      return type.cast(shared.computeIfAbsent(type, absent -> make.get()));
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
