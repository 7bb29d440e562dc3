package io.datashard.internal.env;

import static io.datashard.internal.env.MeetingPlace.KEY;
import static io.datashard.internal.env.Recorder.message;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Seats and wires between processes that end, die and freeze. */
@Timeout(120)
class TwoProcessesTest {
  private MeetingPlace here;
  private PartnerProcess partner;
  private final Recorder heard = new Recorder();

  @BeforeEach
  void start() throws IOException {
    here = new MeetingPlace();
    partner = PartnerProcess.in(here.folder);
  }

  @AfterEach
  void stop() throws Exception {
    partner.close();
    partner.await();
    here.close();
  }

  private Wire connected() throws IOException {
    return requireNonNull(here.machine.connect(KEY, 0, heard), "somebody listens");
  }

  /** The partner takes the seat and sends back whatever comes over a wire. */
  private void partnerListens() throws Exception {
    partner.ask("take", "taken");
    partner.ask("echo", "listens");
  }

  /** Takes the seat as soon as it is free, which it must become. */
  private Machine.Seat taken() throws Exception {
    while (true) { // the test's time limit ends this
      Machine.Seat seat = here.machine.trySeat(KEY, 0);
      if (seat != null) {
        return seat;
      }
      Thread.sleep(1);
    }
  }

  @Test
  void oneSeatIsHeldByOneProcess() throws Exception {
    partner.ask("take", "taken");
    assertThat(here.machine.trySeat(KEY, 0)).isNull();
    partner.ask("free", "freed");
    try (Machine.Seat seat = here.machine.trySeat(KEY, 0)) {
      assertThat(seat).isNotNull();
      partner.ask("take", "held");
    }
    partner.ask("take", "taken");
  }

  @Test
  void seatIsNeverHeldByTwoHoweverFastItGoesAround() throws Exception {
    try (PartnerProcess second = PartnerProcess.in(here.folder)) {
      partner.tell("race 300");
      second.tell("race 300");
      partner.expect("0");
      second.expect("0");
    }
  }

  @Test
  void holderWhoseFilesWereRemovedLeavesThoseOfTheNextAlone() throws Exception {
    partnerListens();
    Files.delete(here.files().lock());
    Files.delete(here.files().socket());
    try (Machine.Seat seat = taken()) {
      seat.listen(new Recorder());
      partner.ask("free", "freed");
      assertThat(here.names()).hasSize(2);
      assertThat(here.machine.connect(KEY, 0, heard)).isNotNull();
    }
    assertThat(here.names()).isEmpty();
  }

  @Test
  void messagesGoBothWays() throws Exception {
    partnerListens();
    Wire wire = connected();
    partner.expect("opened");
    wire.send(message("there and back"));
    heard.expect("there and back");
    partner.ask("free", "freed");
    heard.expect("closed");
    assertThat(here.names()).isEmpty();
  }

  @Test
  void deadHolderIsHeardOfAtOnceAndItsSeatAndSocketAreTakenOver() throws Exception {
    partnerListens();
    Wire wire = connected();
    wire.send(message("alive"));
    heard.expect("alive");
    partner.signal("KILL");
    heard.expect("closed"); // nothing was sent that could have failed
    Machine.Seat seat = taken();
    assertThat(partner.await())
        .isNotZero(); // the kernel frees the lock before it closes all sockets
    assertThat(here.names()).as("what the dead one left").hasSize(2);
    assertThat(here.machine.connect(KEY, 0, heard)).as("a wire to nobody").isNull();
    seat.listen(new Recorder());
    assertThat(here.machine.connect(KEY, 0, heard)).isNotNull();
    seat.close();
    heard.expect("closed");
    assertThat(here.names()).isEmpty();
  }

  @Test
  void processThatEndsWithoutClosingAnythingIsNotKeptAlive() throws Exception {
    partnerListens();
    connected();
    partner.expect("opened");
    partner.end();
    assertThat(partner.await()).isZero();
    heard.expect("closed");
    taken().close();
  }

  @Test
  void dyingFollowerIsHeardOf() throws Exception {
    try (Machine.Seat seat = taken()) {
      seat.listen(heard);
      partner.ask("connect", "connected");
      heard.expect("opened");
      partner.tell("send last words");
      heard.expect("last words");
      partner.signal("KILL");
      heard.expect("closed");
    }
  }

  @Test
  void frozenHolderKeepsItsSeatAndNobodyWhoConnectsWaits() throws Exception {
    partnerListens();
    Wire first = connected();
    first.send(message("before"));
    heard.expect("before");
    partner.signal("STOP");
    assertThat(here.machine.trySeat(KEY, 0)).isNull();
    first.send(message("meanwhile"));
    List<Wire> more = new ArrayList<>();
    Recorder ignored = new Recorder();
    boolean full = false;
    while (!full && more.size() < 2000) { // until its backlog is full, which is 1024 at most
      Wire wire = here.machine.connect(KEY, 0, ignored);
      if (wire == null) {
        full = true;
      } else {
        more.add(wire);
      }
    }
    assertThat(full).isTrue();
    assertThat(more).isNotEmpty();
    assertThat(heard.isEmpty()).as("a frozen process says nothing").isTrue();
    more.forEach(Wire::close);
    partner.signal("CONT");
    heard.expect("meanwhile");
    assertThat(here.machine.trySeat(KEY, 0)).isNull();
  }

  @Test
  void frozenFollowerDoesNotHoldUpAHolderThatLeaves() throws Exception {
    Machine.Seat seat = taken();
    seat.listen(heard);
    partner.ask("connect", "connected");
    Wire wire = heard.expect("opened");
    partner.signal("STOP");
    for (int i = 0; i < 20; i++) {
      wire.send(message("x".repeat(100_000)));
    }
    seat.close(); // the test's time limit ends this, were it to wait for the frozen one
    heard.expect("closed");
    taken().close();
  }
}
