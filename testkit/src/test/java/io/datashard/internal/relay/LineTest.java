package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Wire;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.schema.Type;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** I3: appends of threads and processes share commits, and each is in the table exactly once. */
@Timeout(60) // a hang, not slowness
class LineTest extends LineFixture {
  private static Committed append(Line line, long id) {
    return line.append(SCHEMA, new Payload.Rows(row(id)), EVER);
  }

  private Future<Committed> later(Line line, long id) {
    return threads.submit(() -> append(line, id));
  }

  private long versions() {
    return new Committer(disk, machine.process()).newestOrGone().version().number();
  }

  @Test
  void threadsShareACommit() throws Exception {
    Line line = line(machine.process());
    append(line, 0);
    storage.open = new CountDownLatch(1);
    List<Future<Committed>> all = new ArrayList<>();
    all.add(later(line, 1));
    storage.reached.await();
    for (int id = 2; id <= 20; id++) {
      all.add(later(line, id));
    }
    awaitQueued(line, 19);
    storage.open.countDown();

    Set<Long> snapshots = new HashSet<>();
    for (Future<Committed> one : all) {
      assertThat(one.get().rowsAdded()).isEqualTo(1);
      snapshots.add(one.get().snapshotId());
    }
    assertThat(snapshots).as("one for the first, one for those that waited").hasSize(2);
    assertThat(versions()).isEqualTo(4);
    assertThat(rows()).hasSize(21).doesNotHaveDuplicates();
    line.leave();
  }

  private static void awaitQueued(Line line, int count) throws InterruptedException {
    while (line.queued() < count) {
      Thread.sleep(1);
    }
  }

  @Test
  void processesShareACommitter() throws Exception {
    Line leader = line(machine.process());
    append(leader, 0);
    List<Line> followers = new ArrayList<>();
    List<Future<Committed>> all = new ArrayList<>();
    for (int i = 1; i <= 6; i++) {
      Line follower = line(machine.process());
      followers.add(follower);
      for (int j = 0; j < 10; j++) {
        all.add(later(follower, 100 * i + j));
      }
    }
    for (Future<Committed> one : all) {
      assertThat(one.get(30, TimeUnit.SECONDS).rowsAdded()).isEqualTo(1);
    }
    assertThat(rows()).hasSize(61).doesNotHaveDuplicates();
    assertThat(machine.delivered).contains(Message.APPEND, Message.DONE);
    followers.forEach(Line::leave);
    leader.leave();
  }

  @Test
  void whoLeavesHandsOver() throws Exception {
    Line first = line(machine.process());
    Line second = line(machine.process());
    append(first, 1);
    append(second, 2);
    assertThat(machine.delivered).contains(Message.APPEND);
    first.leave();
    append(second, 3);
    Line third = line(machine.process());
    append(third, 4);
    assertThat(rows()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    second.leave();
    append(third, 5);
    third.leave();
    assertThat(rows()).hasSize(5);
  }

  @Test
  void aFrozenCommitterIsLeftAndComesBackTooLate() throws Exception {
    LoopbackMachine.Process freezing = machine.process();
    Line leader = line(freezing);
    append(leader, 1);
    Line follower = line(machine.process());
    append(follower, 2);
    // The request reaches the committer; then it freezes in the middle of the commit.
    Gate holding = storage;
    holding.open = new CountDownLatch(1);
    Future<Committed> late = later(follower, 3);
    holding.reached.await();
    freezing.frozen = true;
    CountDownLatch frozenUntil = holding.open;
    holding.open = new CountDownLatch(0); // for everybody who comes later
    Committed committed = late.get(20, TimeUnit.SECONDS);
    assertThat(rows()).containsExactlyInAnyOrder(1L, 2L, 3L);

    freezing.frozen = false;
    frozenUntil.countDown(); // its create loses, it looks the id up and drops the row
    append(leader, 4);
    assertThat(rows()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    assertThat(committed.version()).isEqualTo(4);
    follower.leave();
    leader.leave();
  }

  @Test
  void whoCommitsBesideACommitterThatWasSilentSoonFollowsItAgain() throws Exception {
    LoopbackMachine.Process silent = machine.process();
    Line first = line(silent);
    append(first, 1);
    LoopbackMachine.Process process = machine.process();
    Line second = line(process);
    append(second, 2);
    silent.frozen = true;
    append(second, 3);
    silent.frozen = false;
    machine.delivered.clear();
    int alone = 0;
    while (!machine.delivered.contains(Message.APPEND)) {
      process.aheadNanos += Duration.ofMillis(300).toNanos();
      append(second, 4 + alone++);
      assertThat(alone).as("appends beside the first committer").isLessThan(6);
    }
    assertThat(rows()).hasSize(3 + alone).doesNotHaveDuplicates();
    second.leave();
    first.leave();
  }

  @Test
  void whoFollowsReadsNoVersions() throws Exception {
    Line leader = line(machine.process());
    append(leader, 1);
    AtomicInteger reads = new AtomicInteger();
    Storage counting =
        new ForwardingStorage(storage) {
          @Override
          public Optional<byte[]> read(String key, int bytesMax) {
            reads.incrementAndGet();
            return super.read(key, bytesMax);
          }
        };
    LoopbackMachine.Process process = machine.process();
    Line follower = lineTo(counting, "table", process);
    append(follower, 2);
    int atFirst = reads.get();
    for (int i = 3; i < 20; i++) {
      process.aheadNanos += Duration.ofSeconds(1).toNanos(); // it heard nothing for so long
      append(follower, i);
    }
    assertThat(reads.get()).isEqualTo(atFirst);
    for (int i = 20; i < 300; i++) {
      append(leader, i); // so many that a search since then would take long
    }
    process.aheadNanos += Duration.ofSeconds(1).toNanos();
    append(follower, 300);
    assertThat(reads.get()).isGreaterThan(atFirst);
    assertThat(rows()).hasSize(300).doesNotHaveDuplicates();
    follower.leave();
    leader.leave();
  }

  @Test
  void timeThatIsOverSaysWhatIsTrue() throws Exception {
    Line line = line(machine.process());
    append(line, 0);
    storage.open = new CountDownLatch(1);
    Future<Committed> first = later(line, 1);
    storage.reached.await();
    // Queued behind it: can be taken back.
    assertThatThrownBy(
            () -> line.append(SCHEMA, new Payload.Rows(row(2)), Duration.ofMillis(50).toNanos()))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Nothing was changed");
    storage.open.countDown();
    first.get();
    // In a round that does not end: nobody can tell.
    storage.open = new CountDownLatch(1);
    assertThatThrownBy(
            () -> line.append(SCHEMA, new Payload.Rows(row(3)), Duration.ofMillis(50).toNanos()))
        .isInstanceOf(OutcomeUnknownException.class);
    storage.open.countDown();
    append(line, 4);
    assertThat(rows()).containsExactlyInAnyOrder(0L, 1L, 3L, 4L);
    line.leave();
  }

  @Test
  void aFollowersAppendIsTakenBackInTime() throws Exception {
    Line leader = line(machine.process());
    append(leader, 0);
    Line follower = line(machine.process());
    append(follower, 1);
    storage.open = new CountDownLatch(1);
    Future<Committed> blocking = later(leader, 2);
    storage.reached.await();
    assertThatThrownBy(
            () ->
                follower.append(SCHEMA, new Payload.Rows(row(3)), Duration.ofMillis(100).toNanos()))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("taken back");
    storage.open.countDown();
    blocking.get();
    append(follower, 4);
    assertThat(rows()).containsExactlyInAnyOrder(0L, 1L, 2L, 4L);
    follower.leave();
    leader.leave();
  }

  @Test
  void columnsTooManyForAMessageAreCommittedBesideTheCommitter() throws Exception {
    Schema.Builder many = Schema.builder();
    for (int i = 0; i < 300; i++) {
      many.optional(i + "c".repeat(2_000), Type.LONG);
    }
    Schema wide = many.build();
    MemoryStorage other = new MemoryStorage(2);
    new Committer(other, machine.process())
        .create(wide, PartitionSpec.UNPARTITIONED, SortOrder.UNSORTED, Map.of());
    Line leader = lineTo(other, "wide", machine.process());
    Line follower = lineTo(other, "wide", machine.process());
    for (long id = 0; id < 4; id++) {
      BatchBuilder builder = new BatchBuilder(wide);
      for (int i = 0; i < 300; i++) {
        builder.column(i).addLong(id);
      }
      builder.endRow();
      Committed done =
          (id == 0 ? leader : follower).append(wide, new Payload.Rows(builder.build()), EVER);
      assertThat(done.version()).isEqualTo(id + 2);
    }
    assertThat(machine.delivered).contains(Message.WELCOME).doesNotContain(Message.APPEND);
    assertThat(rows(other, 299 + "c".repeat(2_000))).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    follower.leave();
    leader.leave();
  }

  @Test
  void whatOneHasWrongFailsNoOther() throws Exception {
    Schema other = Schema.builder().required("name", Type.LONG).build();
    BatchBuilder builder = new BatchBuilder(other);
    builder.column(0).addLong(9);
    builder.endRow();
    Batch wrong = builder.build();
    Line leader = line(machine.process());
    append(leader, 0);
    Line follower = line(machine.process());
    append(follower, 1);
    storage.open = new CountDownLatch(1);
    Future<Committed> blocking = later(leader, 2);
    storage.reached.await();
    Future<Committed> bad =
        threads.submit(() -> follower.append(other, new Payload.Rows(wrong), EVER));
    Future<Committed> good = later(follower, 3);
    storage.open.countDown();
    blocking.get();
    assertThat(good.get().rowsAdded()).isEqualTo(1);
    assertThatThrownBy(bad::get).hasCauseInstanceOf(SchemaMismatchException.class);
    assertThat(rows()).containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    follower.leave();
    leader.leave();
  }

  @Test
  void hostileMessagesEndTheirWireAndNothingElse() throws Exception {
    LoopbackMachine.Process process = machine.process();
    Line leader = line(process);
    append(leader, 0);
    byte[][] hostile = {
      {},
      {Message.APPEND},
      {Message.HELLO, 1},
      {Message.COLUMNS, '{'},
      {99},
      {Message.CANCEL, 0, 0, 0, 0, 0, 0, 0, 1},
    };
    for (byte[] message : hostile) {
      CountDownLatch closed = new CountDownLatch(1);
      Wire wire =
          machine
              .process()
              .connect(
                  "table",
                  0,
                  new Wire.Listener() {
                    @Override
                    public void received(Wire from, ByteBuffer answer) {}

                    @Override
                    public void closed(Wire which) {
                      closed.countDown();
                    }
                  });
      assertThat(wire).isNotNull();
      if (message.length > 0) {
        wire.send(ByteBuffer.wrap(message));
        assertThat(closed.await(20, TimeUnit.SECONDS)).as("kind %d", message[0]).isTrue();
      }
    }
    append(leader, 1);
    assertThat(rows()).containsExactlyInAnyOrder(0L, 1L);
    leader.leave();
  }

  @Test
  void anInterruptBeforeTheCommitTakesTheAppendBack() throws Exception {
    Line line = line(machine.process());
    append(line, 0);
    storage.open = new CountDownLatch(1);
    Future<Committed> first = later(line, 1);
    storage.reached.await();
    CountDownLatch ended = new CountDownLatch(1);
    List<Object> said = new ArrayList<>();
    Thread waiting =
        new Thread(
            () -> {
              try {
                append(line, 2);
              } catch (DataShardException e) {
                said.add(e);
                said.add(Thread.currentThread().isInterrupted());
              }
              ended.countDown();
            });
    waiting.start();
    awaitQueued(line, 1);
    waiting.interrupt();
    ended.await();
    storage.open.countDown();
    first.get();
    assertThat(said).hasSize(2).element(0).isInstanceOf(StorageException.class);
    assertThat(said).element(1).isEqualTo(true);
    append(line, 3);
    assertThat(rows()).containsExactlyInAnyOrder(0L, 1L, 3L);
    line.leave();
  }
}
