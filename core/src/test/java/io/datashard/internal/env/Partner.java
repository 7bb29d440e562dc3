package io.datashard.internal.env;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A process of its own that does with a machine what it is told, and tells what comes. */
public final class Partner {
  private static final String KEY = MeetingPlace.KEY;
  private static final PrintStream OUT = new PrintStream(System.out, true, UTF_8);

  private Partner() {}

  /** Sends back what comes. */
  private static final class Echo implements Wire.Listener {
    private final AtomicInteger opened = new AtomicInteger();

    @Override
    public void opened(Wire wire) {
      if (opened.incrementAndGet() == 1) {
        OUT.println("opened");
      }
    }

    @Override
    public void received(Wire wire, ByteBuffer message) {
      wire.send(message);
    }

    @Override
    public void closed(Wire wire) {}
  }

  /** Tells what comes. */
  private static final class Teller implements Wire.Listener {
    @Override
    public void received(Wire wire, ByteBuffer message) {
      OUT.println(UTF_8.decode(message));
    }

    @Override
    public void closed(Wire wire) {
      OUT.println("closed");
    }
  }

  /**
   * Takes and frees the seat so often, as fast as it can.
   *
   * @return how often somebody else was there too
   */
  private static int race(Machine machine, MachineFolder folder, int times) throws IOException {
    Path inside = folder.path().resolve("inside");
    int others = 0;
    for (int taken = 0; taken < times; ) {
      try (Machine.Seat seat = machine.trySeat(KEY, 0)) {
        if (seat == null) {
          continue;
        }
        taken++;
        try {
          Files.createFile(inside);
        } catch (FileAlreadyExistsException e) {
          others++;
        }
        Files.deleteIfExists(inside);
      }
    }
    return others;
  }

  /** Does what its input says, line by line, in the folder it is given. */
  public static void main(String[] arguments) throws IOException {
    MachineFolder folder = MachineFolder.at(Path.of(arguments[0]));
    Machine machine = new LocalMachine(() -> folder);
    Machine.@Nullable Seat seat = null;
    @Nullable Wire wire = null;
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    OUT.println("ready");
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] words = line.split(" ", 2);
      switch (words[0]) {
        case "take" -> {
          seat = machine.trySeat(KEY, 0);
          OUT.println(seat == null ? "held" : "taken");
        }
        case "echo" -> {
          java.util.Objects.requireNonNull(seat).listen(new Echo());
          OUT.println("listens");
        }
        case "free" -> {
          java.util.Objects.requireNonNull(seat).close();
          OUT.println("freed");
        }
        case "race" -> OUT.println(race(machine, folder, Integer.parseInt(words[1])));
        case "connect" -> {
          wire = machine.connect(KEY, 0, new Teller());
          OUT.println(wire == null ? "nobody" : "connected");
        }
        case "send" ->
            java.util.Objects.requireNonNull(wire).send(ByteBuffer.wrap(words[1].getBytes(UTF_8)));
        default -> throw new IllegalArgumentException(line);
      }
    }
    // The end of the input is the end of the process, whatever is held and runs.
  }
}
