package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.OnceRefusedException;
import io.datashard.internal.ledger.Once;
import io.datashard.table.Committed;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** I3: the same source and number from many processes, whoever commits for whom. */
@Timeout(60) // a hang, not slowness
class LineOnceTest extends LineFixture {
  private static Committed append(Line line, long number) {
    return line.append(SCHEMA, new Payload.Rows(row(number)), new Once("job", number), EVER);
  }

  @Test
  void processesWithTheSameNumbersAddEachOnce() throws Exception {
    Line leader = line(machine.process());
    append(leader, 0);
    List<Line> lines = new ArrayList<>(List.of(leader));
    for (int i = 0; i < 5; i++) {
      lines.add(line(machine.process()));
    }
    List<Future<Committed>> all = new ArrayList<>();
    Random random = new Random(3);
    for (int i = 0; i < 300; i++) {
      Line line = lines.get(random.nextInt(lines.size()));
      long number = 1 + random.nextInt(40);
      all.add(threads.submit(() -> append(line, number)));
    }
    int committed = 0;
    for (Future<Committed> one : all) {
      Committed done = one.get(30, TimeUnit.SECONDS);
      assertThat(done.snapshot()).as("remembered: it is young").isPresent();
      committed += done.changed() ? 1 : 0;
      assertThat(done.wasThere()).isNotEqualTo(done.changed());
      assertThat(done.rowsAdded()).isEqualTo(done.changed() ? 1 : 0);
    }
    assertThat(rows()).doesNotHaveDuplicates().hasSize(committed + 1);
    assertThat(machine.delivered).contains(Message.APPEND, Message.DONE);
    lines.forEach(Line::leave);
  }

  @Test
  void aFrozenCommitterAndTheCallersNextTryAddOnce() throws Exception {
    LoopbackMachine.Process freezing = machine.process();
    Line leader = line(freezing);
    append(leader, 1);
    Line follower = line(machine.process());
    append(follower, 2);
    storage.open = new CountDownLatch(1);
    Future<Committed> late = threads.submit(() -> append(follower, 3));
    storage.reached.await(); // in the middle of the commit
    freezing.frozen = true;
    CountDownLatch frozenUntil = storage.open;
    storage.open = new CountDownLatch(0);
    assertThat(append(line(machine.process()), 3).rowsAdded()).isLessThanOrEqualTo(1);
    late.get(20, TimeUnit.SECONDS);
    assertThat(rows()).containsExactlyInAnyOrder(1L, 2L, 3L);
    freezing.frozen = false;
    frozenUntil.countDown();
    assertThat(append(leader, 3).wasThere()).isTrue();
    assertThat(rows()).containsExactlyInAnyOrder(1L, 2L, 3L);
  }

  @Test
  void aRefusalReachesTheProcessThatAsked() {
    Line leader = line(machine.process());
    for (int i = 0; i < 1_001; i++) {
      append(leader, 10 + 2 * i);
    }
    Line follower = line(machine.process());
    append(follower, 100_000);
    assertThat(machine.delivered).contains(Message.APPEND);
    assertThatThrownBy(() -> append(follower, 3))
        .isInstanceOf(OnceRefusedException.class)
        .hasMessageContaining("number 3 of source 'job'");
    follower.leave();
    leader.leave();
  }

  @Test
  void whatWasThereIsToldOverAWireAsItIs() {
    for (Committed done :
        List.of(
            new Committed(7, java.util.OptionalLong.of(9), 3, 0, Committed.Outcome.COMMITTED),
            new Committed(7, java.util.OptionalLong.of(9), 0, 0, Committed.Outcome.THERE_ALREADY),
            new Committed(
                7, java.util.OptionalLong.empty(), 0, 0, Committed.Outcome.THERE_ALREADY))) {
      ByteBuffer message = Message.done(11, done, 13);
      assertThat(message.get()).isEqualTo(Message.DONE);
      assertThat(message.getLong()).isEqualTo(11);
      assertThat(Message.committed(message)).isEqualTo(done);
      assertThat(message.getLong()).isEqualTo(13);
      assertThat(message.hasRemaining()).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 257, 32_767})
  void aNameOfAnotherLengthIsRefusedBeforeItIsRead(int length) {
    ByteBuffer message = ByteBuffer.allocate(40_000).putShort((short) length).rewind();
    assertThatThrownBy(() -> Message.once(message)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aNameThatIsNoneIsRefused() {
    byte[] bytes = new byte[12];
    Arrays.fill(bytes, (byte) 0xFF);
    ByteBuffer noText = ByteBuffer.wrap(bytes).putShort((short) 2).rewind();
    assertThatThrownBy(() -> Message.once(noText))
        .isInstanceOf(java.nio.charset.CharacterCodingException.class);
    ByteBuffer negative =
        ByteBuffer.allocate(11).putShort((short) 1).put((byte) 'a').putLong(-5).rewind();
    assertThatThrownBy(() -> Message.once(negative)).isInstanceOf(IllegalArgumentException.class);
    ByteBuffer cut = ByteBuffer.allocate(5).putShort((short) 3).put((byte) 'a').rewind();
    assertThatThrownBy(() -> Message.once(cut))
        .isInstanceOf(java.nio.BufferUnderflowException.class);
  }
}
