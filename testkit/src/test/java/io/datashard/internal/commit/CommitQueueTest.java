package io.datashard.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.error.StorageException;
import io.datashard.testkit.ForwardingEnv;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Whoever waits has its turn, whoever is gone holds nobody up, and who is alone never waits. */
class CommitQueueTest {
  private static final long ATTEMPT = Duration.ofMillis(50).toNanos();
  private static final String OLDER = "000000000000000003-51-00000000000000aa";
  private static final String OLDER_TOO = "000000000000000004-51-00000000000000aa";
  private static final String SLOW = "000000000000000003-1000-00000000000000aa";
  private static final String YOUNGER = "000000000000000041-51-00000000000000aa";

  private final MemoryStorage disk = new MemoryStorage();
  private final Store store = new Store();
  private final Clock clock = new Clock();
  private final CommitQueue queue = new CommitQueue(store, clock, new Newest());
  private long version = 7;
  private final List<Integer> caughtUp = new ArrayList<>();

  /** Done at each sleep. */
  private Runnable meanwhile = () -> {};

  private final class Store extends ForwardingStorage {
    private int looks;
    private boolean refuses;

    Store() {
      super(disk);
    }

    @Override
    public List<String> names(String folder, String namePrefix) {
      looks++;
      if (refuses) {
        throw new StorageException("refused for a test");
      }
      return super.names(folder, namePrefix);
    }
  }

  /** Time goes on only while somebody sleeps; chance is the same in each run. */
  private final class Clock extends ForwardingEnv {
    private final Random random = new Random(5);
    private long nanos = 1_000_000;
    private int sleeps;

    @Override
    public long randomId() {
      return random.nextLong();
    }

    @Override
    public long randomBelow(long bound) {
      return random.nextLong(bound);
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public void sleep(Duration time) {
      nanos += time.toNanos();
      assertThat(++sleeps).as("sleeps in all").isLessThan(10_000);
      meanwhile.run();
    }
  }

  private final class Newest implements CommitQueue.Newest {
    @Override
    public long known() {
      return version;
    }

    @Override
    public long look() {
      return version;
    }

    @Override
    public void catchUp() {
      caughtUp.add(tickets().size());
    }

    @Override
    public long attemptNanos() {
      return ATTEMPT;
    }
  }

  private void put(String ticket) {
    disk.replace("metadata/queue/" + ticket, ByteBuffer.allocate(0));
  }

  private void remove(String ticket) {
    disk.delete("metadata/queue/" + ticket);
  }

  private List<String> tickets() {
    queue.finish();
    return disk.names("metadata/queue", "").stream().sorted().toList();
  }

  private void win(int times) {
    for (int i = 0; i < times; i++) {
      queue.creates();
      version++;
      queue.won();
    }
    queue.finish();
  }

  @Test
  void whoIsAloneLooksMoreAndMoreRarelyAndNeverWaits() throws InterruptedException {
    List<Integer> looks = new ArrayList<>();
    for (int i = 1; i <= 160; i++) {
      assertThat(queue.letOthersGo()).isFalse();
      int before = store.looks;
      win(1);
      if (store.looks > before) {
        looks.add(i);
      }
    }
    assertThat(looks).containsExactly(8, 24, 56, 96, 136);
    assertThat(clock.sleeps).isZero();
    assertThat(tickets()).isEmpty();
  }

  @Test
  void whoSeesOthersCommitLooksOftenAgain() {
    win(56);
    int before = store.looks;
    queue.seenOthers();
    win(8);
    assertThat(store.looks).isEqualTo(before + 1);
  }

  @Test
  void whoSeesATicketLinesUpBehindIt() throws InterruptedException {
    put(OLDER);
    win(7);
    assertThat(queue.letOthersGo()).as("nobody looked").isFalse();
    win(1);
    List<List<String>> seen = new ArrayList<>();
    meanwhile =
        () -> {
          seen.add(tickets());
          if (seen.size() == 3) {
            remove(OLDER);
          }
        };
    assertThat(queue.letOthersGo()).isTrue();
    assertThat(seen).hasSize(3);
    assertThat(seen).allSatisfy(each -> assertThat(each).hasSize(2));
    assertThat(seen.get(0).get(1)).startsWith("000000000000000015-51-");
    assertThat(queue.holdsTicket()).isTrue();

    meanwhile = () -> {};
    win(CommitQueue.TURN_WINS - 1);
    assertThat(queue.letOthersGo()).as("it is its turn").isFalse();
    assertThat(tickets()).hasSize(1);
    queue.creates();
    assertThat(tickets()).as("the turn is over by the last win").isEmpty();
    queue.won();
    assertThat(queue.holdsTicket()).isFalse();
    assertThat(queue.letOthersGo()).as("nobody waits").isFalse();
  }

  @Test
  void afterATurnWithOthersBehindItLinesUpAgain() throws InterruptedException {
    put(YOUNGER);
    assertThat(queue.lineUp()).isTrue();
    assertThat(clock.sleeps).as("it was the oldest").isZero();
    version = 100;
    win(CommitQueue.TURN_WINS);
    meanwhile = () -> remove(YOUNGER);
    assertThat(queue.letOthersGo()).isTrue();
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void whoIsGoneHoldsNobodyUpForLong() throws InterruptedException {
    put(OLDER);
    put(OLDER_TOO);
    put(YOUNGER);
    long before = clock.nanos;
    assertThat(queue.lineUp()).isTrue();
    // The third in the line looks after 2.5 to 7.5 attempts.
    assertThat(clock.nanos - before).isBetween(24 * ATTEMPT, 32 * ATTEMPT);
    assertThat(tickets()).hasSize(2).contains(YOUNGER);
  }

  @Test
  void whereSomebodyCommitsOnlyTheOldestIsGone() throws InterruptedException {
    put(OLDER);
    put(OLDER_TOO);
    List<List<String>> seen = new ArrayList<>();
    meanwhile =
        () -> {
          version++;
          List<String> now = tickets();
          if (seen.isEmpty() || !seen.get(seen.size() - 1).equals(now)) {
            seen.add(now);
          }
        };
    assertThat(queue.lineUp()).isTrue();
    assertThat(seen).hasSize(2);
    assertThat(seen.get(1)).hasSize(2).contains(OLDER_TOO);
  }

  @Test
  void whoIsSlowHasItsTime() throws InterruptedException {
    put(SLOW);
    long before = clock.nanos;
    assertThat(queue.lineUp()).isTrue();
    assertThat(clock.nanos - before)
        .as("but not for ever")
        .isBetween(10_000_000_000L, 11_000_000_000L);
  }

  @Test
  void whoIsNextReadsWhatOthersCommitted() throws InterruptedException {
    for (int i = 1; i <= 5; i++) {
      put("00000000000000000" + i + "-51-00000000000000aa");
    }
    meanwhile = () -> remove(tickets().get(0));
    assertThat(queue.lineUp()).isTrue();
    assertThat(caughtUp).as("tickets then").containsExactly(5, 2);
  }

  @Test
  void whoWasThoughtToBeGoneGoesOnWithoutATicket() throws InterruptedException {
    put(OLDER);
    meanwhile = () -> tickets().stream().filter(each -> !each.equals(OLDER)).forEach(this::remove);
    assertThat(queue.lineUp()).isFalse();
    assertThat(queue.holdsTicket()).isFalse();
    assertThat(tickets()).containsExactly(OLDER);
  }

  @Test
  void whereTheQueueCannotBeReachedNobodyWaits() throws InterruptedException {
    store.refuses = true;
    assertThat(queue.lineUp()).isFalse();
    assertThat(queue.holdsTicket()).isFalse();
    assertThat(tickets()).as("what was drawn was given back").isEmpty();
    win(40);
    assertThat(queue.letOthersGo()).isFalse();
  }

  @Test
  void whatIsNoTicketIsLeftAlone() throws InterruptedException {
    put("000000000000000001-x-00000000000000aa");
    put("readme");
    assertThat(queue.lineUp()).isTrue();
    assertThat(clock.sleeps).isZero();
    queue.leave();
    assertThat(tickets()).hasSize(2);
  }

  @Test
  void aTurnEndsWithoutWinsToo() throws InterruptedException {
    put(YOUNGER);
    assertThat(queue.lineUp()).isTrue();
    clock.nanos += 16 * ATTEMPT;
    assertThat(queue.lineUp()).as("still").isTrue();
    clock.nanos += 1;
    version = 100;
    meanwhile = () -> remove(YOUNGER);
    assertThat(queue.lineUp()).as("again").isTrue();
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void whoHasNothingToCommitLeaves() throws InterruptedException {
    put(YOUNGER);
    assertThat(queue.lineUp()).isTrue();
    queue.leave();
    assertThat(queue.holdsTicket()).isFalse();
    assertThat(tickets()).containsExactly(YOUNGER);
  }

  @Test
  void afterOneLossItLinesUpOnlyWhereOthersWait() throws InterruptedException {
    assertThat(queue.lineUpAfter(1)).isFalse();
    assertThat(tickets()).isEmpty();
    put(YOUNGER);
    assertThat(queue.lineUpAfter(2)).isTrue();
    version = 100;
    win(CommitQueue.TURN_WINS);
    meanwhile = () -> remove(YOUNGER);
    assertThat(queue.lineUpAfter(1)).as("somebody waited behind").isTrue();
  }

  @Test
  void nobodyLeavesWhileAThreadWaits() throws InterruptedException {
    put(OLDER);
    meanwhile =
        () -> {
          queue.leave();
          assertThat(queue.holdsTicket()).isTrue();
          remove(OLDER);
        };
    assertThat(queue.lineUp()).isTrue();
  }
}
