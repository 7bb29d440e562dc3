package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.data.Batch;
import io.datashard.data.BatchBuilder;
import io.datashard.error.StorageException;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.testkit.ForwardingStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A line that commits to a table far away takes its turns among others, and leaves no ticket. */
@Timeout(60) // a hang, not slowness
class QueueingLineTest extends LineFixture {
  private static final String QUEUE = "metadata/queue";
  private static final String SLOW = "000000000000000001-999999999-00000000000000aa";
  private static final String YOUNG = "000000000000000500-1-00000000000000aa";

  /** Nobody is thought to be frozen because the machine is busy. */
  private static final long PATIENT = Duration.ofSeconds(20).toNanos();

  /** Whoever looks after so many wins sees who waits. */
  private static final int WINS_TO_LOOK = 8;

  private final LoopbackMachine.Process process = machine.process();
  private final Far far = new Far(disk);
  private final Committer committer = new Committer(far, process);
  private final Line line = new Line(far, process, committer, "far", PATIENT);
  private long lastId;

  /** A bucket; others come first there as often as a test wants. */
  private static final class Far extends ForwardingStorage {
    private final AtomicInteger lost = new AtomicInteger();
    private Runnable others = () -> {};

    Far(Storage storage) {
      super(storage);
    }

    @Override
    public boolean isRemote() {
      return true;
    }

    @Override
    public PutOutcome createExclusive(String key, ByteBuffer content, List<NewFile> named) {
      if (lost.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
        others.run();
      }
      return super.createExclusive(key, content, named);
    }
  }

  private List<String> tickets() {
    return disk.names(QUEUE, "").stream().sorted().toList();
  }

  private void awaitTickets(String... expected) throws InterruptedException {
    while (!tickets().equals(List.of(expected))) {
      Thread.sleep(1);
    }
  }

  private Committed append() {
    return line.append(SCHEMA, new Payload.Rows(row(++lastId)), EVER);
  }

  /** The line knows that this one waits too. */
  private void see(String ticket) {
    line.enter();
    disk.replace(QUEUE + "/" + ticket, ByteBuffer.allocate(0));
    for (int i = 0; i < WINS_TO_LOOK; i++) {
      append();
    }
    committer.finish();
  }

  @Test
  void anAppendWhoseTimeIsOverLeavesNoTicket() throws Exception {
    see(SLOW);
    long within = Duration.ofMillis(200).toNanos();
    assertThatThrownBy(() -> line.append(SCHEMA, new Payload.Rows(row(100)), within))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in the time given");
    awaitTickets(SLOW);
    assertThat(rows()).doesNotContain(100L);
    line.leave();
  }

  @Test
  void whoClosesWaitsForNobodyAndLeavesNoTicket() throws Exception {
    see(SLOW);
    Future<Committed> late = threads.submit(this::append);
    while (tickets().size() < 2) {
      Thread.sleep(1);
    }
    line.leave();
    assertThat(tickets()).containsExactly(SLOW);
    assertThat(late.get().rowsAdded()).isEqualTo(1);
    assertThat(rows()).hasSize(WINS_TO_LOOK + 1);
  }

  @Test
  void whoClosesInTheMiddleOfARoundLeavesNoTicket() throws Exception {
    Line hasty = new Line(far, process, committer, "far", SILENCE);
    hasty.enter();
    disk.replace(QUEUE + "/" + SLOW, ByteBuffer.allocate(0));
    far.others = () -> new Committer(disk, machine.process()).commit(property());
    far.lost.set(2);
    Future<Committed> late =
        threads.submit(() -> hasty.append(SCHEMA, new Payload.Rows(row(1)), EVER));
    while (tickets().size() < 2) {
      Thread.sleep(1);
    }
    hasty.leave();
    assertThat(tickets()).containsExactly(SLOW);
    assertThat(late.get().rowsAdded()).isEqualTo(1);
  }

  @Test
  void whoHasNothingMoreToCommitGivesItsTurnBack() throws Exception {
    see(YOUNG);
    append();
    awaitTickets(YOUNG);
    append();
    line.leave();
    assertThat(tickets()).containsExactly(YOUNG);
  }

  @Test
  void whoFollowsKeepsNoTicket() throws Exception {
    Gate gate = new Gate(new Far(disk));
    LoopbackMachine.Process first = machine.process();
    Line leader = new Line(gate, first, new Committer(gate, first), "far", PATIENT);
    leader.enter();
    leader.append(SCHEMA, new Payload.Rows(row(1)), EVER);
    line.enter();
    lastId = 1;
    append(); // follows
    gate.open = new CountDownLatch(1);
    Future<Committed> waiting = threads.submit(this::append);
    gate.reached.await();

    far.others = () -> new Committer(disk, machine.process()).commit(property());
    far.lost.set(2);
    // Too much for a message: it is committed beside the leader, and needs a ticket for it.
    line.append(SCHEMA, new Payload.Rows(many()), EVER);
    assertThat(far.lost).hasValue(0);
    awaitTickets();
    gate.open.countDown();
    assertThat(waiting.get().rowsAdded()).isEqualTo(1);
    line.leave();
    leader.leave();
    assertThat(tickets()).isEmpty();
  }

  private Change property() {
    Map<String, String> some = Map.of("others", Integer.toString(far.lost.get()));
    return new Change(List.of(), List.of(), Set.of(), Set.of(), some, Set.of(), null);
  }

  private static Batch many() {
    BatchBuilder builder = new BatchBuilder(SCHEMA);
    for (long id = 1_000; id < 100_000; id++) {
      builder.column(0).addLong(id);
      builder.endRow();
    }
    return builder.build();
  }
}
