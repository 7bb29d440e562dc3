package io.datashard.internal.env;

import static io.datashard.internal.env.MeetingPlace.KEY;
import static io.datashard.internal.env.Recorder.message;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seats and wires as one process sees them. */
@Timeout(60)
class LocalMachineTest {
  private MeetingPlace here;
  private Machine machine;

  @BeforeEach
  void open() throws IOException {
    here = new MeetingPlace();
    machine = here.machine;
  }

  @AfterEach
  void close() throws IOException {
    here.close();
  }

  @Test
  void seatIsTakenOnceUntilItIsClosed() throws IOException {
    Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0));
    assertThat(machine.trySeat(KEY, 0)).isNull();
    seat.close();
    seat.close();
    try (Machine.Seat again = machine.trySeat(KEY, 0)) {
      assertThat(again).isNotNull();
    }
  }

  @Test
  void otherPlacesAndKeysAreOtherSeats() throws IOException {
    try (Machine.Seat first = machine.trySeat(KEY, 0);
        Machine.Seat second = machine.trySeat(KEY, 1);
        Machine.Seat third = machine.trySeat("other", 0)) {
      assertThat(first).isNotNull();
      assertThat(second).isNotNull();
      assertThat(third).isNotNull();
    }
  }

  @Test
  void nobodyIsFoundWhereNobodyListens() throws IOException {
    assertThat(machine.connect(KEY, 0, new Recorder())).isNull();
    try (Machine.Seat seat = machine.trySeat(KEY, 0)) {
      assertThat(seat).isNotNull();
      assertThat(machine.connect(KEY, 0, new Recorder())).isNull();
    }
  }

  @Test
  void messagesGoBothWaysAndTheEndIsToldOnce() throws Exception {
    Recorder leader = new Recorder();
    Recorder follower = new Recorder();
    try (Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      Wire there = requireNonNull(machine.connect(KEY, 0, follower));
      Wire here = leader.expect("opened");
      there.send(message("one"));
      there.send(message(""));
      there.send(message("two"));
      assertThat(leader.expect("one")).isSameAs(here);
      leader.expect("");
      leader.expect("two");
      here.send(message("three"));
      assertThat(follower.expect("three")).isSameAs(there);
      there.close();
      there.close();
      there.send(message("late"));
      leader.expect("closed");
      follower.expect("closed");
    }
    assertThat(leader.isEmpty()).isTrue();
    assertThat(follower.isEmpty()).isTrue();
  }

  @Test
  void closingTheSeatSendsWhatWaitsAndThenCutsItsWires() throws Exception {
    Recorder leader = new Recorder();
    ByteBuffer text = ByteBuffer.wrap("x".repeat(1000).getBytes(UTF_8));
    int messages = 1000; // more than a socket holds
    try (Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0));
        SocketChannel follower = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      seat.listen(leader);
      follower.connect(UnixDomainSocketAddress.of(here.files().socket()));
      Wire wire = leader.expect("opened");
      for (int i = 0; i < messages; i++) {
        wire.send(text.duplicate());
      }
      FutureTask<Integer> read = new FutureTask<>(() -> readAll(follower));
      new Thread(read).start();
      seat.close();
      assertThat(read.get()).isEqualTo(messages * (4 + 1000));
      leader.expect("closed");
    }
    assertThat(leader.isEmpty()).isTrue();
    assertThat(machine.connect(KEY, 0, new Recorder())).isNull();
    assertThat(here.names()).isEmpty();
  }

  private static int readAll(SocketChannel from) throws IOException {
    int all = 0;
    ByteBuffer some = ByteBuffer.allocate(10_000);
    for (int read = 0; read >= 0; read = from.read(some.clear())) {
      all += read;
    }
    return all;
  }

  @Test
  void tooLongAMessageIsRefusedBeforeItIsSent() throws Exception {
    Recorder leader = new Recorder();
    try (Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      Wire there = requireNonNull(machine.connect(KEY, 0, new Recorder()));
      assertThatThrownBy(() -> there.send(ByteBuffer.allocate(Wire.MESSAGE_BYTES_MAX + 1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a message of 524289 bytes, at most 524288 are allowed");
      leader.expect("opened");
      there.send(message("still there"));
      leader.expect("still there");
    }
  }

  @Test
  void interruptsCloseNothing() throws Exception {
    Recorder leader = new Recorder();
    Recorder follower = new Recorder();
    Thread.currentThread().interrupt();
    Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0));
    seat.listen(leader);
    Wire there = requireNonNull(machine.connect(KEY, 0, follower));
    there.send(message("sent by an interrupted thread"));
    assertThat(machine.trySeat(KEY, 0)).isNull();
    assertThat(Thread.interrupted()).isTrue();
    Wire here = leader.expect("opened");
    leader.expect("sent by an interrupted thread");
    requireNonNull(leader.thread).interrupt();
    there.send(message("read by one"));
    leader.expect("read by one").send(message("answered"));
    follower.expect("answered");
    assertThat(requireNonNull(leader.thread).isInterrupted())
        .as("a thread that stays interrupted never sleeps again")
        .isFalse();
    Thread.currentThread().interrupt();
    here.send(message("at last"));
    seat.close();
    assertThat(Thread.interrupted()).isTrue();
    follower.expect("at last");
    follower.expect("closed");
    leader.expect("closed");
  }

  @Test
  void sendersOnManyThreadsShareAWire() throws Exception {
    Recorder leader = new Recorder();
    try (Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      Wire there = requireNonNull(machine.connect(KEY, 0, new Recorder()));
      leader.expect("opened");
      List<Thread> senders = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        String text = String.valueOf(i).repeat(5_000);
        Thread sender =
            new Thread(
                () -> {
                  for (int k = 0; k < 500; k++) {
                    there.send(message(text));
                  }
                });
        senders.add(sender);
        sender.start();
      }
      Map<String, Integer> counts = new HashMap<>();
      for (int i = 0; i < 2_000; i++) {
        counts.merge(leader.next(), 1, Integer::sum);
      }
      assertThat(counts)
          .hasSize(4)
          .allSatisfy(
              (text, count) -> {
                assertThat(text).hasSize(5_000);
                assertThat(count).isEqualTo(500);
              });
    }
  }
}
