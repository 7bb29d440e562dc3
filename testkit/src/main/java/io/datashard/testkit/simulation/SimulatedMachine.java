package io.datashard.testkit.simulation;

import io.datashard.internal.env.Machine;
import io.datashard.internal.env.Wire;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A simulated machine: what its processes share. A seat is freed when its holder dies; wires carry
 * messages late, and some are cut in the middle.
 */
public final class SimulatedMachine {
  private static final long BEGIN_MILLIS = 1_700_000_000_000L;

  private final Simulation simulation;
  private final String name;
  private final Map<String, HeldSeat> seats = new LinkedHashMap<>();
  private final List<SimulatedWire> wires = new ArrayList<>();
  private UnaryOperator<byte[]> onMessage = UnaryOperator.identity();
  private long clockOffMillis;
  private boolean shares = true;
  private int refusePercent;
  private int cutPerMille;
  private int slowPerMille;
  private int started;
  private int wiresMade;

  SimulatedMachine(Simulation simulation, String name) {
    this.simulation = simulation;
    this.name = name;
  }

  /** Starts a process that has no thread yet. */
  public SimulatedProcess process(String processName) {
    SimulatedProcess process =
        new SimulatedProcess(simulation, this, name + "." + processName + "#" + ++started);
    simulation.add(process);
    return process;
  }

  /** Moves the wall clock, forwards or backwards. */
  public void jumpClock(long millis) {
    simulation.note("clock jumps", millis + " ms on " + name);
    clockOffMillis += millis;
  }

  /** Whether there are seats and wires at all. */
  public void share(boolean can) {
    shares = can;
  }

  /**
   * How wires fail.
   *
   * @param refusePercent so many connects find nobody although somebody is there
   * @param cutPerMille so many messages are the last of their wire
   * @param slowPerMille so many messages take long
   */
  public void wires(int refusePercent, int cutPerMille, int slowPerMille) {
    this.refusePercent = refusePercent;
    this.cutPerMille = cutPerMille;
    this.slowPerMille = slowPerMille;
  }

  /** Changes the messages on the wires. */
  public void onMessage(UnaryOperator<byte[]> change) {
    onMessage = change;
  }

  /** Kills all processes of this machine. */
  public void kill() {
    for (SimulatedProcess process : List.copyOf(simulation.processes())) {
      if (process.home() == this) {
        process.kill();
      }
    }
  }

  long nowMillis() {
    return BEGIN_MILLIS + simulation.nanos() / 1_000_000 + clockOffMillis;
  }

  byte[] onItsWay(byte[] message) {
    return onMessage.apply(message);
  }

  int cutPerMille() {
    return cutPerMille;
  }

  int slowPerMille() {
    return slowPerMille;
  }

  void dies(SimulatedProcess process) {
    seats.values().removeIf(seat -> seat.holder == process);
    for (SimulatedWire wire : List.copyOf(wires)) {
      wire.dies(process);
    }
  }

  void forget(SimulatedWire wire) {
    wires.remove(wire);
  }

  Machine seenBy(SimulatedProcess process) {
    return new Seen(process);
  }

  /** What one process sees of this machine. */
  private final class Seen implements Machine {
    private final SimulatedProcess process;

    Seen(SimulatedProcess process) {
      this.process = process;
    }

    @Override
    public boolean isThere() {
      return shares;
    }

    @Override
    public @Nullable Seat trySeat(String key, int place) throws IOException {
      process.call();
      requireShared();
      process.pause(simulation.dice().between(5_000L, 50_000L));
      String seat = key + "/" + place;
      if (seats.containsKey(seat)) {
        return null;
      }
      simulation.note("takes seat", place);
      HeldSeat held = new HeldSeat(seat, process);
      seats.put(seat, held);
      return held;
    }

    @Override
    public @Nullable Wire connect(String key, int place, Wire.Listener listener)
        throws IOException {
      process.call();
      requireShared();
      Dice dice = simulation.dice();
      process.pause(dice.between(5_000L, 50_000L));
      HeldSeat held = seats.get(key + "/" + place);
      if (held == null || held.listener == null || dice.chance(refusePercent)) {
        return null;
      }
      SimulatedWire wire =
          new SimulatedWire(
              simulation,
              SimulatedMachine.this,
              ++wiresMade,
              process,
              listener,
              held.holder,
              held.listener);
      wires.add(wire);
      held.wires.add(wire);
      simulation.note("connects to seat", place + " of " + held.holder.name());
      return wire.client();
    }

    private void requireShared() throws IOException {
      if (!shares) {
        throw new IOException("nothing is shared on " + name);
      }
    }
  }

  private final class HeldSeat implements Machine.Seat {
    private final String key;
    private final SimulatedProcess holder;
    private final List<SimulatedWire> wires = new ArrayList<>();
    private Wire.@Nullable Listener listener;

    HeldSeat(String key, SimulatedProcess holder) {
      this.key = key;
      this.holder = holder;
    }

    @Override
    public void listen(Wire.Listener heard) {
      holder.call();
      holder.pause(simulation.dice().between(5_000L, 100_000L));
      listener = heard;
    }

    @Override
    public void close() {
      if (holder.isGone()) {
        return;
      }
      holder.call();
      simulation.note("gives up seat", key);
      listener = null;
      wires.forEach(SimulatedWire::closeByServer);
      holder.pause(simulation.dice().between(1_000L, 300_000L));
      seats.remove(key, this);
    }
  }
}
