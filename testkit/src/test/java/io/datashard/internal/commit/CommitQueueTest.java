package io.datashard.internal.commit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.internal.env.Monitor;
import io.datashard.testkit.ForwardingEnv;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever waits has its turn, whoever is gone holds nobody up, and who is alone never waits. */
class CommitQueueTest {
  private static final long ATTEMPT = Duration.ofMillis(50).toNanos();
  private static final long EVER = Long.MAX_VALUE;
  private static final String OLDER = "000000000000000003-51-00000000000000aa";
  private static final String OLDER_TOO = "000000000000000004-51-00000000000000aa";
  private static final String SLOW = "000000000000000003-1000-00000000000000aa";
  private static final String QUICK = "000000000000000003-1-00000000000000aa";
  private static final String YOUNGER = "000000000000000041-51-00000000000000aa";

  private final MemoryStorage disk = new MemoryStorage();
  private final Store store = new Store();
  private final Clock clock = new Clock();
  private final CommitQueue queue = new CommitQueue(store, clock, new Newest());
  private long version = 7;
  private long attempt = ATTEMPT;
  private final List<Integer> caughtUp = new ArrayList<>();

  /** Done at each sleep. */
  private Runnable meanwhile = () -> {};

  private final class Store extends ForwardingStorage {
    private int looks;
    private int puts;
    private boolean refuses;

    /** Whether tickets stay, and whether that is told. */
    private boolean keeps;

    private boolean refusesToDelete;

    /** Done before each listing, and before a ticket is there. */
    private Runnable beforeLook = () -> {};

    private Runnable beforePut = () -> {};

    Store() {
      super(disk);
    }

    @Override
    public List<String> names(String folder, String namePrefix) {
      assertThat(++looks).as("looks in all").isLessThan(10_000);
      beforeLook.run();
      if (refuses) {
        throw new StorageException("refused for a test");
      }
      return super.names(folder, namePrefix);
    }

    @Override
    public void replace(String key, ByteBuffer content) {
      puts++;
      beforePut.run();
      super.replace(key, content);
    }

    @Override
    public void delete(String key) {
      if (refusesToDelete) {
        throw new StorageException("refused for a test");
      }
      if (!keeps) {
        super.delete(key);
      }
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

    /** Those who wait in the queue can be interrupted, and nobody else here. */
    @Override
    public Monitor monitor() {
      Monitor real = super.monitor();
      return new Monitor() {
        @Override
        public void lock() {
          real.lock();
        }

        @Override
        public void unlock() {
          real.unlock();
        }

        @Override
        public void await(long time) throws InterruptedException {
          real.unlock();
          try {
            if (Thread.interrupted()) {
              throw new InterruptedException();
            }
            nanos += time;
            assertThat(++sleeps).as("sleeps in all").isLessThan(10_000);
            meanwhile.run();
          } finally {
            real.lock();
          }
        }

        @Override
        public void awaitUninterruptibly(long time) {
          real.awaitUninterruptibly(time);
        }

        @Override
        public void signalAll() {
          real.signalAll();
        }
      };
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
      return attempt;
    }
  }

  @BeforeEach
  void theLineCommits() {
    queue.lineCommits();
  }

  private boolean letOthersGo() throws InterruptedException {
    return queue.letOthersGo(() -> true, EVER);
  }

  private boolean lineUp() throws InterruptedException {
    return queue.lineUp(() -> true, EVER);
  }

  private boolean lineUpAfter(int losses) throws InterruptedException {
    return queue.lineUpAfter(losses, EVER);
  }

  private void put(String ticket) {
    disk.replace("metadata/queue/" + ticket, ByteBuffer.allocate(0));
  }

  private void remove(String ticket) {
    disk.delete("metadata/queue/" + ticket);
  }

  /** Those that are there when all is done that is done beside. */
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
      assertThat(letOthersGo()).isFalse();
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
    assertThat(letOthersGo()).as("nobody looked").isFalse();
    win(1);
    List<List<String>> seen = new ArrayList<>();
    meanwhile =
        () -> {
          seen.add(tickets());
          if (seen.size() == 3) {
            remove(OLDER);
          }
        };
    assertThat(letOthersGo()).isTrue();
    assertThat(seen).hasSize(3);
    assertThat(seen).allSatisfy(each -> assertThat(each).hasSize(2));
    assertThat(seen.get(0).get(1)).startsWith("000000000000000015-51-");
    assertThat(queue.isLineInQueue()).isTrue();

    meanwhile = () -> {};
    win(CommitQueue.TURN_WINS - 1);
    assertThat(letOthersGo()).as("it is its turn").isFalse();
    assertThat(tickets()).hasSize(1);
    queue.creates();
    assertThat(tickets()).as("the turn is over by the last win").isEmpty();
    queue.won();
    assertThat(queue.isLineInQueue()).isFalse();
    assertThat(letOthersGo()).as("nobody waits").isFalse();
  }

  @Test
  void afterATurnWithOthersBehindItLinesUpAgain() throws InterruptedException {
    put(YOUNGER);
    assertThat(lineUp()).isTrue();
    assertThat(clock.sleeps).as("it was the oldest").isZero();
    version = 100;
    win(CommitQueue.TURN_WINS);
    meanwhile = () -> remove(YOUNGER);
    assertThat(letOthersGo()).isTrue();
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void whoIsGoneHoldsNobodyUpForLong() throws InterruptedException {
    put(OLDER);
    put(OLDER_TOO);
    put(YOUNGER);
    long before = clock.nanos;
    assertThat(lineUp()).isTrue();
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
    assertThat(lineUp()).isTrue();
    assertThat(seen).hasSize(2);
    assertThat(seen.get(1)).hasSize(2).contains(OLDER_TOO);
  }

  @Test
  void whoIsSlowHasItsTime() throws InterruptedException {
    put(SLOW);
    long before = clock.nanos;
    assertThat(lineUp()).isTrue();
    assertThat(clock.nanos - before)
        .as("but not for ever")
        .isBetween(10_000_000_000L, 11_000_000_000L);
  }

  @Test
  void whoIsQuickHasItsTimeToo() throws InterruptedException {
    put(QUICK);
    long before = clock.nanos;
    assertThat(lineUp()).isTrue();
    assertThat(clock.nanos - before).as("attempts of who waits").isGreaterThan(24 * ATTEMPT);
    queue.lineLeaves();
    put(QUICK.replace("aa", "bb"));
    attempt = 1_000_000;
    before = clock.nanos;
    assertThat(lineUp()).isTrue();
    assertThat(clock.nanos - before).isBetween(300_000_000L, 303_000_000L);
  }

  @Test
  void whoIsNextReadsWhatOthersCommitted() throws InterruptedException {
    for (int i = 1; i <= 5; i++) {
      put("00000000000000000" + i + "-51-00000000000000aa");
    }
    meanwhile = () -> remove(tickets().get(0));
    assertThat(lineUp()).isTrue();
    assertThat(caughtUp).as("tickets then").containsExactly(5, 2);
  }

  @Test
  void whoWasThoughtToBeGoneGoesOnWithoutATicket() throws InterruptedException {
    put(OLDER);
    meanwhile = () -> tickets().stream().filter(each -> !each.equals(OLDER)).forEach(this::remove);
    assertThat(lineUp()).isFalse();
    assertThat(queue.isLineInQueue()).isFalse();
    assertThat(tickets()).containsExactly(OLDER);
  }

  @Test
  void whereTheQueueCannotBeReachedNobodyWaits() throws InterruptedException {
    store.refuses = true;
    assertThat(lineUp()).isFalse();
    assertThat(queue.isLineInQueue()).isFalse();
    assertThat(tickets()).as("what was drawn was given back").isEmpty();
    win(40);
    assertThat(letOthersGo()).isFalse();
  }

  @Test
  void whatIsNoTicketIsLeftAlone() throws InterruptedException {
    put("000000000000000001-x-00000000000000aa");
    put("readme");
    assertThat(lineUp()).isTrue();
    assertThat(clock.sleeps).isZero();
    queue.lineLeaves();
    assertThat(tickets()).hasSize(2);
  }

  @Test
  void aTurnEndsWithoutWinsToo() throws InterruptedException {
    put(YOUNGER);
    assertThat(lineUp()).isTrue();
    clock.nanos += 16 * ATTEMPT;
    assertThat(lineUp()).as("still").isTrue();
    clock.nanos += 1;
    version = 100;
    meanwhile = () -> remove(YOUNGER);
    assertThat(lineUp()).as("again").isTrue();
    assertThat(clock.sleeps).isEqualTo(1);
  }

  @Test
  void whoHasNothingToCommitLeaves() throws InterruptedException {
    put(YOUNGER);
    assertThat(lineUp()).isTrue();
    queue.lineLeaves();
    assertThat(queue.isLineInQueue()).isFalse();
    assertThat(tickets()).containsExactly(YOUNGER);
  }

  @Test
  void afterOneLossItLinesUpOnlyWhereOthersWait() throws InterruptedException {
    assertThat(lineUpAfter(1)).isFalse();
    assertThat(tickets()).isEmpty();
    put(YOUNGER);
    assertThat(lineUpAfter(2)).isTrue();
    version = 100;
    win(CommitQueue.TURN_WINS);
    meanwhile = () -> remove(YOUNGER);
    assertThat(lineUpAfter(1)).as("somebody waited behind").isTrue();
  }

  @Test
  void nobodyLeavesWhileAThreadWaits() throws InterruptedException {
    put(OLDER);
    meanwhile =
        () -> {
          queue.lineLeaves();
          assertThat(tickets()).hasSize(2);
          remove(OLDER);
        };
    assertThat(lineUp()).isTrue();
  }

  @Test
  void aTicketThatStaysHoldsNobodyUpTwice() throws InterruptedException {
    put(OLDER);
    store.keeps = true;
    assertThat(lineUp()).isTrue();
    win(CommitQueue.TURN_WINS);
    int before = clock.sleeps;
    assertThat(lineUp()).as("and one's own neither").isTrue();
    assertThat(clock.sleeps).isEqualTo(before);
    win(CommitQueue.TURN_WINS + 40);
    assertThat(letOthersGo()).as("nobody is seen to wait").isFalse();
  }

  @Test
  void whoCannotDeleteGoesPastWhoIsGone() throws InterruptedException {
    put(OLDER);
    store.refusesToDelete = true;
    assertThat(lineUp()).isTrue();
    assertThat(clock.sleeps).isPositive();
  }

  @Test
  void whoCannotGiveTicketsBackDrawsFewOfThem() throws InterruptedException {
    store.refusesToDelete = true;
    for (int i = 0; i < 10; i++) {
      lineUp();
      win(CommitQueue.TURN_WINS);
    }
    assertThat(tickets()).hasSize(3);
    store.refusesToDelete = false;
    assertThat(lineUp()).isFalse();
    assertThat(tickets()).as("tried again").isEmpty();
    assertThat(lineUp()).isTrue();
  }

  @Test
  void whatCouldNotBeGivenBackIsTriedAgainAtTheEnd() throws InterruptedException {
    assertThat(lineUp()).isTrue();
    store.refusesToDelete = true;
    queue.lineLeaves();
    assertThat(tickets()).hasSize(1);
    store.refusesToDelete = false;
    assertThat(tickets()).isEmpty();
  }

  @Test
  void aThousandDeadOnesHoldNobodyUpForLongWhereSomebodyCommits() throws InterruptedException {
    for (int i = 0; i < 1_000; i++) {
      put(String.format("%018d-51-00000000000000aa", i));
    }
    version = 1_000;
    meanwhile = () -> version++;
    long before = clock.nanos;
    assertThat(lineUp()).isTrue();
    // One, one, two, four and so on; each after 24 attempts, seen after a sleep of 30 at most.
    assertThat(clock.nanos - before).isBetween(11 * 24 * ATTEMPT, 11 * 54 * ATTEMPT);
    assertThat(tickets()).as("some are left to others").hasSizeBetween(300, 900);
  }

  @Test
  void nobodyWaitsLongerThanItMay() throws InterruptedException {
    put(SLOW);
    put(YOUNGER);
    long before = clock.nanos;
    assertThat(queue.lineUp(() -> true, 7 * ATTEMPT)).isFalse();
    assertThat(clock.nanos - before).isEqualTo(7 * ATTEMPT);
    assertThat(queue.lineUpAfter(2, 3 * ATTEMPT)).isFalse();
    assertThat(clock.nanos - before).isEqualTo(10 * ATTEMPT);
    assertThat(tickets()).containsExactly(SLOW, YOUNGER);
    win(8);
    assertThat(queue.letOthersGo(() -> true, ATTEMPT)).isTrue();
    assertThat(clock.nanos - before).isEqualTo(11 * ATTEMPT);
    assertThat(tickets()).containsExactly(SLOW, YOUNGER);
  }

  @Test
  void whoHasNothingToCommitAnyMoreLeavesTheLine() throws InterruptedException {
    put(SLOW);
    win(8);
    assertThat(queue.letOthersGo(() -> clock.sleeps < 3, EVER)).isTrue();
    assertThat(clock.sleeps).isEqualTo(3);
    assertThat(tickets()).containsExactly(SLOW);
  }

  @Test
  void whoIsInterruptedLeavesTheLine() {
    put(SLOW);
    meanwhile = Thread.currentThread()::interrupt;
    assertThatThrownBy(this::lineUp).isInstanceOf(InterruptedException.class);
    assertThat(tickets()).containsExactly(SLOW);
  }

  @Test
  void whatNobodyForeseesLeavesNoTicket() {
    meanwhile =
        () -> {
          throw new OutOfMemoryError("for a test");
        };
    put(SLOW);
    assertThatThrownBy(this::lineUp).isInstanceOf(OutOfMemoryError.class);
    assertThat(tickets()).containsExactly(SLOW);
  }

  @Test
  void aClosedLineHasNoTicketAndDrawsNone() throws InterruptedException {
    put(OLDER);
    meanwhile = queue::close;
    assertThat(lineUp()).isFalse();
    assertThat(clock.sleeps).isEqualTo(1);
    assertThat(tickets()).containsExactly(OLDER);
    remove(OLDER);
    assertThat(lineUp()).isFalse();
    assertThat(store.puts).isEqualTo(1);
    queue.open();
    assertThat(lineUp()).isTrue();
    queue.close();
    assertThat(tickets()).isEmpty();
  }

  @Test
  void aTicketThatComesAfterItsEndIsDeletedAgain() throws InterruptedException {
    store.beforePut =
        () -> {
          queue.close();
          queue.finish();
        };
    assertThat(lineUp()).isFalse();
    assertThat(store.puts).isEqualTo(1);
    assertThat(tickets()).isEmpty();
  }

  @Test
  void aTurnThatComesTooLateIsNone() throws InterruptedException {
    store.beforeLook = queue::close;
    assertThat(lineUp()).isFalse();
    queue.open();
    assertThat(queue.isLineInQueue()).isFalse();
    assertThat(tickets()).isEmpty();
  }

  @Test
  void oneTicketServesAllWhoCommitInAProcess() throws InterruptedException {
    queue.enter();
    assertThat(lineUp()).isTrue();
    queue.exit();
    assertThat(tickets()).as("the line has not left").hasSize(1);
    queue.enter();
    queue.lineLeaves();
    assertThat(tickets()).as("somebody commits").hasSize(1);
    queue.close();
    assertThat(tickets()).hasSize(1);
    queue.exit();
    assertThat(tickets()).isEmpty();
  }

  @Test
  void whoCommitsBesideAClosedLineLinesUp() throws InterruptedException {
    queue.close();
    queue.enter();
    assertThat(lineUp()).isTrue();
    queue.exit();
    assertThat(tickets()).isEmpty();
  }

  @Test
  void whoCannotReachTheQueueTriesMoreAndMoreRarely() throws InterruptedException {
    store.refuses = true;
    for (int i = 0; i < 3_000; i++) {
      assertThat(lineUp()).isFalse();
      queue.finish();
      clock.nanos += ATTEMPT;
    }
    // After 1, 2, 4 and so on up to 64 s.
    assertThat(store.puts).isEqualTo(8);
    store.refuses = false;
    clock.nanos += 64_000_000_000L;
    assertThat(lineUp()).isTrue();
    queue.lineLeaves();
    store.refuses = true;
    assertThat(lineUp()).isFalse();
    store.refuses = false;
    clock.nanos += 1_000_000_000L;
    assertThat(lineUp()).as("misses before a success count no more").isTrue();
  }

  @Test
  void whoHearsOfTheQueueTooLateGoesOnWithout() throws InterruptedException {
    store.beforeLook = () -> clock.nanos += 10_000_000_001L;
    assertThat(lineUp()).isFalse();
    assertThat(lineUp()).isFalse();
    assertThat(store.puts).isEqualTo(1);
    win(8);
    assertThat(letOthersGo()).isFalse();
  }

  @Test
  void ticketsOfVersionsFarAheadAreNone() throws InterruptedException {
    put("999999999999999999-999999999-00000000000000aa");
    put("000000000000001016-51-00000000000000aa");
    win(8);
    assertThat(letOthersGo()).as("more than 1,000 versions after 15").isFalse();
    put("000000000000001023-51-00000000000000aa");
    win(16);
    assertThat(version).isEqualTo(31);
    assertThat(letOthersGo()).isTrue();
    assertThat(clock.sleeps).isZero();
  }
}
