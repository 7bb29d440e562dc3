package io.datashard.internal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;
import io.datashard.internal.env.Env;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.ForwardingEnv;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** In a remote store the floor is asked only when it may say something new (I1). */
class RemoteVersionsTest {
  private static final long HOUR = 3_600_000;

  private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  private final MemoryStorage disk = new MemoryStorage("memory:///table", 1, clock::get);

  /** Whether answers tell the time. */
  private boolean tellsTime = true;

  private final FaultyStorage store = FaultyStorage.counting(new Remote(disk));
  private final VersionLog log = new VersionLog(store, Env.system());

  private class Remote extends ForwardingStorage {
    Remote(Storage storage) {
      super(storage);
    }

    @Override
    public boolean isRemote() {
      return true;
    }

    @Override
    public String identity(String key) {
      return "";
    }

    @Override
    public OptionalLong clockMillis() {
      return tellsTime ? OptionalLong.of(clock.get()) : OptionalLong.empty();
    }
  }

  private Outcome commit(VersionLog by, long number) {
    String token = by.newToken();
    byte[] content = ("version " + number + " token " + token).getBytes(UTF_8);
    return by.create(number, content, token, List.of());
  }

  private long floorsRead() {
    return store.log().stream()
        .filter(call -> call.verb() == Verb.LIST && call.key().equals("metadata/floor"))
        .count();
  }

  /** Others commit up to this number, an hour between each, and clean up. */
  private void othersCommitTo(long last) {
    VersionLog others = new VersionLog(new Remote(disk), Env.system());
    for (long number = others.newest().orElseThrow().number() + 1; number <= last; number++) {
      assertThat(commit(others, number)).isEqualTo(Outcome.WON);
      clock.addAndGet(HOUR);
      others.newest();
    }
    for (int i = 0; i < 100 && others.clean(Retention.remote(2, 0), true); i++) {
      // a step at a time
    }
  }

  @Test
  void aWarmCommitIsOneRequest() {
    commit(log, 1);
    for (long number = 2; number <= 10; number++) {
      int before = store.calls();
      assertThat(commit(log, number)).isEqualTo(Outcome.WON);
      assertThat(store.log().subList(before, store.calls()))
          .filteredOn(call -> call.verb() != Verb.IDENTITY)
          .as("requests; nothing is asked for identities")
          .hasSize(1);
      clock.addAndGet(10_000);
    }
    assertThat(log.fresh().orElseThrow().number()).isEqualTo(10);
  }

  @Test
  void aLookIsOneRequest() {
    commit(log, 1);
    long floors = floorsRead();
    int before = store.calls();
    assertThat(log.newest().orElseThrow().number()).isEqualTo(1);
    assertThat(store.log().subList(before, store.calls()))
        .filteredOn(call -> call.verb() != Verb.IDENTITY)
        .hasSize(1);
    assertThat(floorsRead()).isEqualTo(floors);
  }

  /** Counts round trips: what is asked for side by side is one. */
  private class Trips extends Remote {
    private int count;
    private boolean refusesHint;

    Trips() {
      super(disk);
    }

    @Override
    public boolean exists(String key) {
      count++;
      return super.exists(key);
    }

    @Override
    public List<Supplier<Optional<byte[]>>> readEach(List<String> keys, int bytesMax) {
      count++;
      return keys.stream()
          .<Supplier<Optional<byte[]>>>map(key -> () -> readUnlessRefused(key, bytesMax))
          .toList();
    }

    private Optional<byte[]> readUnlessRefused(String key, int bytesMax) {
      if (refusesHint && key.equals(VersionNames.HINT)) {
        throw new StorageException("refused for a test");
      }
      return disk.read(key, bytesMax);
    }
  }

  private void commitAll(VersionLog by, long first, long last) {
    for (long number = first; number <= last; number++) {
      assertThat(commit(by, number)).isEqualTo(Outcome.WON);
      by.newest();
    }
  }

  private long tripsOfALook(VersionLog reader, Trips trips, long newest) {
    int before = trips.count;
    assertThat(reader.newest().orElseThrow().number()).isEqualTo(newest);
    return trips.count - before;
  }

  @Test
  void newsOfOthersAreFoundInFewTrips() {
    Trips trips = new Trips();
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    assertThat(tripsOfALook(reader, trips, 1)).as("no news").isEqualTo(1);

    commitAll(log, 2, 2);
    assertThat(tripsOfALook(reader, trips, 2)).as("the first news").isEqualTo(2);
    commitAll(log, 3, 4);
    assertThat(tripsOfALook(reader, trips, 4)).as("news after news").isEqualTo(1);
    assertThat(tripsOfALook(reader, trips, 4)).as("no news after news").isEqualTo(1);

    commitAll(log, 5, 40);
    log.hint(39);
    assertThat(tripsOfALook(reader, trips, 40)).as("much news, by the hint").isEqualTo(3);
    commitAll(log, 41, 80);
    log.hint(80);
    assertThat(tripsOfALook(reader, trips, 80)).as("the hint is the newest").isEqualTo(2);
  }

  @Test
  void aHintThatCannotBeReadStopsNobody() {
    Trips trips = new Trips();
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    trips.refusesHint = true;
    commitAll(log, 2, 20);
    assertThat(reader.newest().orElseThrow().number()).as("refused").isEqualTo(20);
    trips.refusesHint = false;
    disk.replace(VersionNames.HINT, ByteBuffer.allocate(100_000));
    commitAll(log, 21, 40);
    assertThat(reader.newest().orElseThrow().number()).as("no hint at all").isEqualTo(40);
  }

  @Test
  void whoIsFarBehindNeedsNoHint() {
    Trips trips = new Trips();
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    commitAll(log, 2, 1_000);
    assertThat(tripsOfALook(reader, trips, 1_000)).as("in steps that grow").isLessThan(25);
  }

  @Test
  void aHintThatIsOldOrWrongMisleadsNobody() {
    Trips trips = new Trips();
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    for (String hint : List.of("2", "1000", "0", "-7", "x", "99999999999999999999999")) {
      disk.replace(VersionNames.HINT, ByteBuffer.wrap(hint.getBytes(UTF_8)));
      long newest = log.newest().orElseThrow().number();
      for (long more : new long[] {1, 3, 7, 0}) {
        commitAll(log, newest + 1, newest + more);
        newest += more;
        assertThat(reader.newest().orElseThrow().number()).as("hint %s", hint).isEqualTo(newest);
      }
    }
  }

  @Test
  void aVersionAboveAMissingOneIsNotFollowed() {
    Trips trips = new Trips();
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    commitAll(log, 2, 3); // the reader is told of news, and looks for several at once from now on
    reader.newest();
    commitAll(log, 4, 6);
    disk.delete(VersionNames.keyOf(5));
    assertThatThrownBy(reader::newest)
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("v6.metadata.json")
        .hasMessageContaining("not metadata/v5.metadata.json");
  }

  @Test
  void aVersionThatCameDuringTheLookIsNotMissing() {
    Trips trips =
        new Trips() {
          @Override
          public List<Supplier<Optional<byte[]>>> readEach(List<String> keys, int bytesMax) {
            List<Supplier<Optional<byte[]>>> all = new ArrayList<>(super.readEach(keys, bytesMax));
            all.set(0, Optional::empty); // it was asked for a moment too early
            return all;
          }
        };
    VersionLog reader = new VersionLog(trips, Env.system());
    commitAll(log, 1, 1);
    reader.newest();
    commitAll(log, 2, 3);
    assertThat(reader.newest().orElseThrow().number()).isEqualTo(3);
  }

  @Test
  void whoOpensReadsNoFloor() {
    commit(log, 1);
    othersCommitTo(5);
    long floors = floorsRead();
    assertThat(new VersionLog(store, Env.system()).newest().orElseThrow().number()).isEqualTo(5);
    assertThat(floorsRead()).as("reads of the floor").isEqualTo(floors);
  }

  @Test
  void whoSleptLongDoesNotWinANumberThatWasFreed() {
    commit(log, 1);
    othersCommitTo(10);
    assertThat(disk.exists(VersionNames.keyOf(2))).as("cleaned away").isFalse();

    assertThat(commit(log, 2)).as("found out before").isEqualTo(Outcome.LOST);
  }

  @Test
  void whoSleptInTheMiddleOfACreateDoesNotWinEither() {
    commit(log, 1);
    VersionLog sleeper =
        new VersionLog(
            new Remote(disk) {
              @Override
              public PutOutcome createExclusive(
                  String key, ByteBuffer content, List<NewFile> named) {
                othersCommitTo(10);
                return super.createExclusive(key, content, named);
              }
            },
            Env.system());
    sleeper.newest();

    assertThat(commit(sleeper, 2)).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void whatTheStoreDoesNotTellIsAsked() {
    tellsTime = false;
    commit(log, 1);
    long floors = floorsRead();
    commit(log, 2);
    assertThat(floorsRead()).isGreaterThan(floors);
    assertThat(log.fresh()).isEmpty();
  }

  @Test
  void anOwnClockThatWentOnCountsToo() {
    AtomicLong slept = new AtomicLong();
    VersionLog sleeper =
        new VersionLog(
            store,
            new ForwardingEnv() {
              @Override
              public long nanoTime() {
                return super.nanoTime() + slept.get() * 1_000_000;
              }
            });
    commit(sleeper, 1);
    commit(sleeper, 2);
    long floors = floorsRead();
    commit(sleeper, 3);
    assertThat(floorsRead()).isEqualTo(floors);

    slept.set(HOUR); // and the store says the same time as before, as a broken cache would
    commit(sleeper, 4);
    assertThat(floorsRead()).isGreaterThan(floors);
  }

  /** A machine that was suspended: none of its clocks went on. */
  private static final class StoppedClocks extends ForwardingEnv {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public long nowMillis() {
      return 0;
    }
  }

  /** Tells the time of the last answer, as a client of a bucket does; none before the first. */
  private class Answering extends Remote {
    private OptionalLong told = OptionalLong.empty();

    Answering() {
      super(disk);
    }

    @Override
    public OptionalLong clockMillis() {
      return told;
    }

    @Override
    public List<String> names(String folder, String namePrefix) {
      List<String> names = super.names(folder, namePrefix);
      told = OptionalLong.of(clock.get());
      return names;
    }

    @Override
    public Optional<byte[]> read(String key, int bytesMax) {
      Optional<byte[]> content = super.read(key, bytesMax);
      told = OptionalLong.of(clock.get());
      return content;
    }

    @Override
    public boolean exists(String key) {
      boolean exists = super.exists(key);
      told = OptionalLong.of(clock.get());
      return exists;
    }

    @Override
    public PutOutcome createExclusive(String key, ByteBuffer content, List<NewFile> named) {
      PutOutcome outcome = super.createExclusive(key, content, named);
      told = OptionalLong.of(clock.get());
      return outcome;
    }
  }

  @Test
  void whoOpenedAndWasSuspendedDoesNotWinANumberThatWasFreed() {
    commit(log, 1);
    VersionLog sleeper = new VersionLog(new Answering(), new StoppedClocks());
    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(1);
    othersCommitTo(10);
    assertThat(disk.exists(VersionNames.keyOf(2))).as("cleaned away").isFalse();

    assertThat(commit(sleeper, 2)).isNotEqualTo(Outcome.WON);
  }

  @Test
  void whoOpensAndIsSuspendedBeforeHeReadsSeesTheNewestAllTheSame() {
    commit(log, 1);
    for (long number = 2; number <= 40; number++) {
      commit(log, number);
    }
    VersionLog sleeper =
        new VersionLog(
            new Answering() {
              @Override
              public Optional<byte[]> read(String key, int bytesMax) {
                if (key.equals(VersionNames.keyOf(40))) {
                  byte[] kept = disk.readWhole(key, -1);
                  othersCommitTo(50);
                  if (!disk.exists(key)) { // the floor is raised first, and the name goes later
                    disk.createExclusive(key, ByteBuffer.wrap(kept));
                  }
                }
                return super.read(key, bytesMax);
              }
            },
            new StoppedClocks());
    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(50);
  }

  @Test
  void whoSleepsWhileHeLooksWhetherTheTableIsGoneIsNotToldSo() {
    commit(log, 1);
    VersionLog sleeper =
        new VersionLog(
            new Answering() {
              @Override
              public boolean exists(String key) {
                if (key.equals(VersionNames.keyOf(1))) {
                  othersCommitTo(10);
                }
                return super.exists(key);
              }
            },
            Env.system());
    sleeper.newest();
    clock.addAndGet(60_001);

    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(10);
  }

  @Test
  void aTableThatIsGoneIsNoticedAfterAMinute() {
    commit(log, 1);
    disk.delete(VersionNames.keyOf(1));
    clock.addAndGet(60_001);
    assertThatThrownBy(log::newest).isInstanceOf(ConflictException.class);
    assertThatThrownBy(() -> commit(log, 2)).isInstanceOf(ConflictException.class);
    assertThat(disk.exists(VersionNames.keyOf(2))).isFalse();
  }

  @Test
  void aVersionThatIsCleanedAwayWhileItIsLookedForIsNoTableThatIsGone() {
    commit(log, 1);
    boolean[] slow = new boolean[1];
    VersionLog slept =
        new VersionLog(
            new Remote(disk) {
              @Override
              public boolean exists(String key) {
                if (slow[0] && key.equals(VersionNames.keyOf(1))) {
                  othersCommitTo(10);
                }
                return super.exists(key);
              }
            },
            Env.system());
    slept.newest();
    clock.addAndGet(60_001);
    slow[0] = true;

    assertThat(slept.newest().orElseThrow().number()).isEqualTo(10);
  }

  @Test
  void whoIsFarBehindGoesByTheHintAndIsNotLedAstrayByIt() {
    commit(log, 1);
    VersionLog other = new VersionLog(new Remote(disk), Env.system());
    other.newest();
    for (long number = 2; number <= 60; number++) {
      commit(other, number);
    }
    other.hint(57);
    int before = store.calls();
    assertThat(log.newest().orElseThrow().number()).isEqualTo(60);
    assertThat(store.log().subList(before, store.calls()))
        .filteredOn(call -> call.verb() != Verb.IDENTITY)
        .as("the next one, the hint, three more and one that is missing, the newest")
        .hasSizeLessThanOrEqualTo(8);

    for (String hint : List.of("1000", "3", "nonsense", "")) {
      VersionLog behind = new VersionLog(new Remote(disk), Env.system());
      behind.newest();
      long next = behind.newest().orElseThrow().number() + 1;
      other.newest();
      commit(other, next);
      commit(other, next + 1);
      disk.replace(VersionNames.HINT, ByteBuffer.wrap(hint.getBytes(UTF_8)));
      assertThat(behind.newest().orElseThrow().number()).as("hint '%s'", hint).isEqualTo(next + 1);
    }
  }

  @Test
  void aStoreMaySayTakenAMomentBeforeTheWinnerCanBeRead() {
    commit(log, 1);
    int[] looks = new int[1];
    VersionLog loser =
        new VersionLog(
            new Remote(disk) {
              @Override
              public Optional<byte[]> read(String key, int bytesMax) {
                boolean isHidden = key.equals(VersionNames.keyOf(2)) && looks[0]++ < 3;
                return isHidden ? Optional.empty() : super.read(key, bytesMax);
              }
            },
            Env.system());
    loser.newest();
    commit(log, 2);

    assertThat(commit(loser, 2)).isEqualTo(Outcome.LOST);
    assertThat(looks[0]).isGreaterThan(3);
  }

  @Test
  void nothingIsFreedWithinTheHour() {
    commit(log, 1);
    for (long number = 2; number <= 200; number++) {
      commit(log, number);
      clock.addAndGet(1_000);
    }
    log.clean(Retention.remote(2, 0), true);
    assertThat(disk.exists(VersionNames.keyOf(1))).isTrue();
    assertThat(disk.names("metadata/floor", "")).isEmpty();
  }

  @Test
  void whoLostKnowsWhoWon() {
    commit(log, 1);
    VersionLog other = new VersionLog(new Remote(disk), Env.system());
    other.newest();
    commit(other, 2);
    int before = store.calls();

    assertThat(commit(log, 2)).isEqualTo(Outcome.LOST);
    assertThat(log.fresh().orElseThrow().number()).isEqualTo(2);
    assertThat(commit(log, 3)).isEqualTo(Outcome.WON);
    assertThat(store.log().subList(before, store.calls()))
        .filteredOn(call -> call.verb() != Verb.IDENTITY)
        .as("the create that lost, whose it is, the create that won")
        .hasSize(3);
  }
}
