package io.datashard.internal.env;

import static io.datashard.internal.env.MeetingPlace.KEY;
import static io.datashard.internal.env.Recorder.message;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
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
    Recorder follower = new Recorder();
    int messages = 100;
    try (Machine.Seat seat = requireNonNull(machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      requireNonNull(machine.connect(KEY, 0, follower));
      Wire here = leader.expect("opened");
      for (int i = 0; i < messages; i++) { // more than the socket holds
        here.send(message(i + "x".repeat(10_000)));
      }
    }
    for (int i = 0; i < messages; i++) {
      follower.expect(i + "x".repeat(10_000));
    }
    follower.expect("closed");
    leader.expect("closed");
    assertThat(machine.connect(KEY, 0, follower)).isNull();
    assertThat(here.names()).isEmpty();
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
}
