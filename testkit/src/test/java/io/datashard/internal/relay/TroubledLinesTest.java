package io.datashard.internal.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.internal.commit.Change;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.commit.Head;
import io.datashard.internal.ledger.Once;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.internal.rows.DataFileWriter;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.testkit.ForwardingStorage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a look for holes found. */
@Timeout(120) // a hang, not slowness
class TroubledLinesTest extends LineFixture {
  private static void append(Line line, long id) {
    line.append(SCHEMA, new Payload.Rows(row(id)), EVER);
  }

  /** So that a few hundred commits are a storm of minutes. */
  private void oldVersionsGoAtOnce() {
    new Committer(disk, machine.process())
        .commit(
            new Change(
                List.of(),
                List.of(),
                Set.of(),
                Set.of(),
                Map.of(TableProperties.VERSIONS_MIN, "2", TableProperties.VERSION_MILLIS_MIN, "0"),
                Set.of(),
                null));
  }

  @Test
  void whoWasIdleInAStormSearchesLittle() {
    oldVersionsGoAtOnce();
    AtomicInteger lists = new AtomicInteger();
    Storage counting =
        new ForwardingStorage(storage) {
          @Override
          public byte[] readWhole(String key, long length) {
            if (key.contains("/snap-")) {
              lists.incrementAndGet();
            }
            return super.readWhole(key, length);
          }
        };
    Line leader = lineTo(counting, "table", machine.process());
    append(leader, 1);
    LoopbackMachine.Process process = machine.process();
    Line follower = line(process);
    append(follower, 2);
    for (int i = 3; i < 1500; i++) {
      append(leader, i);
    }
    process.aheadNanos += Duration.ofSeconds(60).toNanos();
    int before = lists.get();
    append(follower, 1500);
    assertThat(lists.get() - before).as("lists that the committer reads").isLessThan(300);
    assertThat(rows()).hasSize(1500).doesNotHaveDuplicates();
    follower.leave();
    leader.leave();
  }

  @Test
  void aSeatThatIsFreeIsTakenAtOnceByWhoDistrustedItsHolder() {
    LoopbackMachine.Process silent = machine.process();
    Line first = line(silent);
    append(first, 1);
    LoopbackMachine.Process process = machine.process();
    Line second = line(process);
    append(second, 2);
    silent.frozen = true;
    append(second, 3);
    silent.die();
    int before = machine.seatsTaken.get();
    for (int i = 0; i < 80; i++) {
      process.aheadNanos += Duration.ofMillis(100).toNanos();
      append(second, 4 + i);
    }
    assertThat(machine.seatsTaken.get() - before).as("a look, and the seat").isLessThan(4);
    assertThat(rows()).hasSize(83).doesNotHaveDuplicates();
    second.leave();
  }

  @Test
  void whoLeavesWithAQuestionUnansweredLeavesNoWire() throws Exception {
    LoopbackMachine.Process silent = machine.process();
    Line first = line(silent);
    append(first, 1);
    LoopbackMachine.Process process = machine.process();
    Line second = line(process);
    append(second, 2);
    silent.frozen = true;
    append(second, 3);
    process.aheadNanos += Duration.ofMillis(300).toNanos();
    append(second, 4); // asks
    append(second, 5);
    assertThat(machine.openWiresOf(process)).as("the question").isEqualTo(1);
    second.leave();
    machine.drain();
    assertThat(machine.openWiresOf(process)).isZero();
  }

  @Test
  void whoCannotReadTheTableKeepsNoWire() throws Exception {
    Line first = line(machine.process());
    append(first, 1);
    LoopbackMachine.Process process = machine.process();
    Storage broken =
        new ForwardingStorage(storage) {
          @Override
          public boolean exists(String key) {
            if (Thread.currentThread().getName().equals("datashard-line")) {
              throw new StorageException("Cannot look");
            }
            return super.exists(key);
          }
        };
    Line second = lineTo(broken, "table", process);
    for (int i = 0; i < 3; i++) {
      int id = 2 + i;
      assertThatThrownBy(() -> append(second, id)).isInstanceOf(StorageException.class);
    }
    machine.drain();
    assertThat(machine.openWiresOf(process)).isZero();
    second.leave();
    first.leave();
  }

  /** For example the same folder under another path, mounted twice: I8 refuses its file. */
  @Test
  void whatTheCommitterDoesNotUnderstandIsCommittedBesideIt() throws Exception {
    Line leader = line(machine.process());
    append(leader, 1);
    Storage elsewhere =
        new ForwardingStorage(storage) {
          @Override
          public String location() {
            return "memory:elsewhere";
          }
        };
    LoopbackMachine.Process process = machine.process();
    Committer committer = new Committer(elsewhere, process);
    Line follower = new Line(elsewhere, process, committer, "table", SILENCE);
    follower.enter();
    append(follower, 2);
    Head head = committer.newestOrGone();
    DataFileWriter writer = new DataFileWriter(elsewhere, process, SCHEMA, head.metadata());
    writer.write(row(3));
    writer.finish();
    elsewhere.makeDurable(writer.pending());
    Payload files = Payload.Files.of(head, writer.files());
    Future<Committed> done = threads.submit(() -> follower.append(SCHEMA, files, EVER));
    assertThat(done.get(10, TimeUnit.SECONDS).rowsAdded()).isEqualTo(1);
    follower.leave();
    leader.leave();
  }

  /** What the base names of ledgers and archive goes with the base: that is no damage. */
  @Test
  void whoSleptUntilHisBaseWasCleanedAwayGoesOn() {
    oldVersionsGoAtOnce();
    Line rival = line(machine.process());
    for (int i = 0; i < 60; i++) {
      rival.append(SCHEMA, new Payload.Rows(row(i)), new Once(sourceOf(i), 1), EVER);
    }
    AtomicInteger slept = new AtomicInteger();
    Storage sleepy =
        new ForwardingStorage(disk) {
          @Override
          public byte[] readWhole(String key, long length) {
            if (key.startsWith("metadata/sources/") && slept.getAndIncrement() == 0) {
              for (int i = 60; i < 160; i++) {
                rival.append(SCHEMA, new Payload.Rows(row(i)), new Once(sourceOf(i), 1), EVER);
              }
            }
            return super.readWhole(key, length);
          }
        };
    try (LoopbackMachine other = new LoopbackMachine()) {
      Line sleeper = lineTo(sleepy, "table", other.process());
      sleeper.append(SCHEMA, new Payload.Rows(row(160)), new Once(sourceOf(160), 1), EVER);
      sleeper.leave();
    }
    assertThat(slept.get()).isPositive();
    assertThat(rows()).hasSize(161).doesNotHaveDuplicates();
    rival.leave();
  }

  private static String sourceOf(int i) {
    return "source " + i + "x".repeat(200);
  }

  @Test
  void whoIsWelcomedAndHearsNothingMoreGoesOn() throws Exception {
    LoopbackMachine.Process silent = machine.process();
    Line first = line(silent);
    append(first, 1);
    silent.unsaid.addAll(List.of(Message.BEAT, Message.DONE));
    Line second = line(machine.process());
    Future<?> done = threads.submit(() -> append(second, 2));
    done.get(10, TimeUnit.SECONDS);
    assertThat(rows()).hasSize(2).doesNotHaveDuplicates();
    second.leave();
    first.leave();
  }

  /** As on a machine where it gets too little time, or where it cannot start its beat's thread. */
  @Test
  void aCommitterThatWelcomesAndThenIsSilentIsTriedLessAndLess() {
    LoopbackMachine.Process silent = machine.process();
    Line first = line(silent);
    append(first, 1);
    silent.unsaid.addAll(List.of(Message.BEAT, Message.DONE));
    LoopbackMachine.Process process = machine.process();
    Line second = line(process);
    int before = machine.seatsTaken.get();
    for (int i = 0; i < 150; i++) {
      append(second, 2 + i);
      process.aheadNanos += Duration.ofMillis(100).toNanos();
    }
    assertThat(machine.seatsTaken.get() - before).as("times it was left, in 15 s").isLessThan(6);
    assertThat(rows()).hasSize(151).doesNotHaveDuplicates();
    second.leave();
    first.leave();
  }
}
