package io.datashard.internal.env;

import static io.datashard.internal.env.MeetingPlace.KEY;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Messages arrive whole and in order, both ways, however reading is stopped and gone on with. */
@Timeout(120)
class BackPressureTest {
  private MeetingPlace here;

  @BeforeEach
  void open() throws IOException {
    here = new MeetingPlace();
  }

  @AfterEach
  void close() throws IOException {
    here.close();
  }

  /** The message of this number: its number and so many bytes, all by the seed. */
  private static ByteBuffer numbered(long seed, int number) {
    Random random = new Random(seed + number);
    int length = random.nextInt(20) == 0 ? random.nextInt(60_000) : random.nextInt(300);
    byte[] bytes = new byte[Integer.BYTES + length];
    random.nextBytes(bytes);
    return ByteBuffer.wrap(bytes).putInt(0, number);
  }

  /** Holds messages against what they must be; may stop reading in the middle. */
  private static class Checker implements Wire.Listener {
    final CountDownLatch over = new CountDownLatch(1);
    final CountDownLatch wired = new CountDownLatch(1);
    final AtomicReference<@Nullable String> wrong = new AtomicReference<>();
    private final long seed;
    private final int messages;
    private int next;
    volatile boolean stopped;
    volatile @Nullable Wire wire;

    Checker(long seed, int messages) {
      this.seed = seed;
      this.messages = messages;
    }

    @Override
    public void opened(Wire opened) {
      wire = opened;
      wired.countDown();
    }

    @Override
    public void received(Wire from, ByteBuffer message) {
      if (stopped) {
        fail("message " + next + " came though nobody reads");
      }
      if (!message.equals(numbered(seed, next))) {
        fail("message " + next + " is another");
      }
      if (++next == messages) {
        over.countDown();
      } else if (next % 7 == 0) {
        from.read(false);
        stopped = true; // not before, or it could be undone before it was done
      }
    }

    @Override
    public void closed(Wire which) {
      fail("closed at " + next);
    }

    void fail(String what) {
      wrong.compareAndSet(null, what + ", seed " + seed);
      over.countDown();
    }

    void goOn(Wire reader) {
      if (stopped) {
        stopped = false;
        reader.read(true);
      }
    }
  }

  @Test
  void thousandsOfMessagesBothWaysWhileReadingStopsAndGoesOn() throws Exception {
    long seed = System.nanoTime();
    int messages = 5_000;
    Checker leader = new Checker(seed, messages);
    Checker follower = new Checker(seed, messages);
    try (Machine.Seat seat = requireNonNull(here.machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      Wire there = requireNonNull(here.machine.connect(KEY, 0, follower));
      assertThat(leader.wired.await(30, TimeUnit.SECONDS)).isTrue();
      Wire here = requireNonNull(leader.wire);
      Thread[] senders = {sender(there, seed, messages), sender(here, seed, messages)};
      while (leader.over.getCount() + follower.over.getCount() > 0) {
        leader.goOn(here);
        follower.goOn(there);
        Thread.sleep(0, 100_000);
      }
      for (Thread sender : senders) {
        sender.join();
      }
      assertThat(leader.wrong).hasValue(null);
      assertThat(follower.wrong).hasValue(null);
    }
  }

  private static Thread sender(Wire wire, long seed, int messages) {
    Thread sender =
        new Thread(
            () -> {
              for (int i = 0; i < messages; i++) {
                wire.send(numbered(seed, i));
              }
            });
    sender.start();
    return sender;
  }

  @Test
  void whatIsSentToOneWhoDoesNotReadWaitsAndArrivesLater() throws Exception {
    Recorder leader = new Recorder();
    try (Machine.Seat seat = requireNonNull(here.machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      Recorder follower = new Recorder();
      Wire there = requireNonNull(here.machine.connect(KEY, 0, follower));
      Wire reader = leader.expect("opened");
      there.send(Recorder.message("before"));
      leader.expect("before");
      reader.read(false);
      there.send(Recorder.message("during"));
      // Another wire of the same thread, there and back: what would be read has been.
      Wire other = requireNonNull(here.machine.connect(KEY, 0, new Recorder()));
      leader.expect("opened");
      other.send(Recorder.message("beside"));
      leader.expect("beside");
      assertThat(leader.isEmpty()).isTrue();
      reader.read(true);
      leader.expect("during");
    }
  }

  @Test
  void lastWordsOfOneWhoWentAreHeardThoughSendingToHimFails() throws Exception {
    Recorder leader = new Recorder();
    Recorder follower = new Recorder();
    Wire there;
    try (Machine.Seat seat = requireNonNull(here.machine.trySeat(KEY, 0))) {
      seat.listen(leader);
      there = requireNonNull(here.machine.connect(KEY, 0, follower));
      Wire here = leader.expect("opened");
      there.read(false);
      here.send(Recorder.message("answer"));
      there.read(true);
    }
    leader.expect("closed");
    there.send(Recorder.message("one more request"));
    follower.expect("answer");
    follower.expect("closed");
  }
}
