package io.datashard.testkit.simulation;

import io.datashard.internal.env.Wire;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * A connection of two processes. Messages of one direction stay in order; when the wire is cut,
 * those under way may be lost, and each side hears of the end once.
 */
final class SimulatedWire {
  private final Simulation simulation;
  private final SimulatedMachine machine;
  private final End client;
  private final End server;
  private final int number;

  /** Nothing that is sent from now on arrives. */
  private boolean cut;

  SimulatedWire(
      Simulation simulation,
      SimulatedMachine machine,
      int number,
      SimulatedProcess from,
      Wire.Listener fromListener,
      SimulatedProcess to,
      Wire.Listener toListener) {
    this.simulation = simulation;
    this.machine = machine;
    this.number = number;
    this.client = new End(from, fromListener, "client");
    this.server = new End(to, toListener, "server");
    server.hold(() -> toListener.opened(server));
  }

  Wire client() {
    return client;
  }

  private End other(End end) {
    return end == client ? server : client;
  }

  /** The kernel closes what a dead process had open, after what it had sent. */
  void dies(SimulatedProcess process) {
    if (client.process == process || server.process == process) {
      cut(client.process == process ? client : server, true);
    }
  }

  void closeByServer() {
    cut(server, true);
  }

  /**
   * Cuts the wire.
   *
   * @param by who cuts it
   * @param delivered whether what is under way still arrives
   */
  private void cut(End by, boolean delivered) {
    if (cut) {
      return;
    }
    cut = true;
    machine.forget(this);
    simulation.note("cut", this);
    if (!delivered) {
      by.lose();
      other(by).lose();
    }
    by.lose(); // who closes hears nothing more
    by.end(0);
    other(by).end(simulation.dice().between(1_000L, 200_000L));
  }

  @Override
  public String toString() {
    return "wire " + number + " from " + client.process.name() + " to " + server.process.name();
  }

  /** One side. */
  private final class End implements Wire {
    private final SimulatedProcess process;
    private final Wire.Listener listener;
    private final String side;
    private final ArrayDeque<Runnable> unread = new ArrayDeque<>();
    private boolean reading = true;

    /** When the last message that was sent to this side arrives. */
    private long lastArrival;

    /** Counts losses: what was under way before the last one does not arrive. */
    private int losses;

    End(SimulatedProcess process, Wire.Listener listener, String side) {
      this.process = process;
      this.listener = listener;
      this.side = side;
    }

    @Override
    public void send(ByteBuffer message) {
      if (message.remaining() > MESSAGE_BYTES_MAX) {
        throw new IllegalArgumentException(message.remaining() + " bytes are no message");
      }
      SimulatedProcess sender = process;
      if (sender.isGone()) {
        return;
      }
      sender.call();
      if (cut) {
        return;
      }
      byte[] bytes = new byte[message.remaining()];
      message.duplicate().get(bytes);
      byte[] sent = machine.onItsWay(bytes);
      if (simulation.isTraced()) {
        simulation.note("sends", kindOf(sent) + " on " + SimulatedWire.this);
      }
      Dice dice = simulation.dice();
      End to = other(this);
      long delay =
          dice.below(1000) < machine.slowPerMille()
              ? dice.between(1_000_000L, 3_000_000_000L)
              : dice.between(2_000L, 200_000L);
      to.hears(delay, () -> to.listener.received(to, ByteBuffer.wrap(sent)));
      if (dice.below(1000) < machine.cutPerMille()) {
        cut(this, dice.chance(50));
      }
    }

    private void hears(long delay, Runnable delivery) {
      lastArrival = Math.max(lastArrival + 1, simulation.nanos() + delay);
      int sentAfter = losses;
      simulation.after(
          lastArrival - simulation.nanos(),
          () -> {
            if (sentAfter == losses) {
              hold(delivery);
            }
          });
    }

    void lose() {
      losses++;
      unread.clear();
    }

    void end(long delay) {
      hears(
          delay,
          () -> {
            simulation.note("hears the end of", SimulatedWire.this);
            listener.closed(this);
          });
    }

    void hold(Runnable delivery) {
      unread.add(delivery);
      if (reading) {
        deliver();
      }
    }

    private void deliver() {
      while (!unread.isEmpty()) {
        process.post(unread.remove());
      }
    }

    @Override
    public void read(boolean on) {
      if (process.isGone()) {
        return;
      }
      reading = on;
      if (on) {
        deliver();
      }
    }

    @Override
    public void close() {
      if (process.isGone()) {
        return;
      }
      process.call();
      cut(this, simulation.dice().chance(50));
    }

    /** So that maps of wires have an order that a seed repeats. */
    @Override
    public int hashCode() {
      return 2 * number + (this == client ? 1 : 0);
    }

    @Override
    public boolean equals(@org.jspecify.annotations.Nullable Object other) {
      return this == other;
    }

    @Override
    public String toString() {
      return SimulatedWire.this + " (" + side + ")";
    }
  }

  /** The first byte says what kind of message it is. */
  private static String kindOf(byte[] bytes) {
    return "message " + (bytes.length == 0 ? "-" : bytes[0]) + " of " + bytes.length + " bytes";
  }
}
