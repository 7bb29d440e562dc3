package io.datashard.internal.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.internal.env.Env;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Call;
import io.datashard.testkit.FaultyStorage.Fault;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.ProcessStopped;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Old versions go, and a number stays won by one commit for ever (I1). */
class CleaningTest {
  private static final int KEPT = 4;
  private static final long AGE_MILLIS = 60_000;

  private final AtomicLong clock = new AtomicLong(1_000_000_000_000L);
  private final MemoryStorage disk = new MemoryStorage("memory:///table", 1, clock::get);
  private final VersionLog log = new VersionLog(disk, Env.system());

  private VersionLog logOn(Storage storage) {
    return new VersionLog(storage, Env.system());
  }

  /** One that has looked once, as before a commit. */
  private VersionLog warm(Storage storage) {
    VersionLog log = logOn(storage);
    log.newest();
    return log;
  }

  /** Commits versions, one a second. */
  private void commit(VersionLog by, int versions) {
    for (int i = 0; i < versions; i++) {
      long number = by.newest().map(Version::number).orElse(0L) + 1;
      String token = by.newToken();
      assertThat(by.create(number, content(number, token), token, List.of()))
          .isEqualTo(Outcome.WON);
      clock.addAndGet(1_000);
    }
  }

  private static byte[] content(long number, String token) {
    return ("version " + number + " token " + token).getBytes(UTF_8);
  }

  private static Retention kept(long versionsMin, long millisMin) {
    return new Retention(versionsMin, Long.MAX_VALUE, millisMin);
  }

  private void cleanAll(VersionLog by) {
    cleanAll(by, kept(KEPT, 0));
  }

  private static void cleanAll(VersionLog by, Retention kept) {
    for (int i = 0; i < 100 && by.clean(kept, true); i++) {
      // a step at a time
    }
  }

  private List<Long> versions() {
    return disk.names("metadata", "v").stream()
        .map(VersionNames::numberOf)
        .filter(number -> number > 0)
        .sorted()
        .toList();
  }

  // What is cleaned

  @Test
  void versionsAreKeptByCount() {
    commit(log, 100);
    cleanAll(log);

    assertThat(versions()).hasSizeBetween(KEPT, 2 * KEPT).endsWith(97L, 98L, 99L, 100L);
    assertThat(logOn(disk).newest().orElseThrow().number()).isEqualTo(100);
  }

  @Test
  void versionsAreKeptByAge() {
    commit(log, 100);
    while (log.clean(kept(KEPT, 20_000), true) && versions().size() > 30) {
      // a step at a time
    }
    assertThat(versions()).as("20 s and the count").hasSizeBetween(20, 20 + KEPT + 1);

    clock.addAndGet(3_600_000);
    assertThat(log.clean(kept(KEPT, 20_000), true))
        .as("more before there is a newer version")
        .isFalse();
    commit(log, 1);
    cleanAll(log);
    assertThat(versions()).hasSizeBetween(KEPT, 2 * KEPT);
  }

  @Test
  void ofTooManyOnlyThoseOfTheLastTenSecondsAreKept() {
    commit(log, 100);
    cleanAll(log, new Retention(KEPT, 40, AGE_MILLIS));
    assertThat(versions()).as("by count").hasSizeBetween(40, 40 + KEPT);

    cleanAll(log, new Retention(KEPT, KEPT, AGE_MILLIS));
    assertThat(versions()).as("by age").hasSizeBetween(10, 10 + KEPT);
  }

  @Test
  void aYoungTableIsNotLookedThrough() {
    commit(log, 10);
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog warm = warm(counted);
    int before = counted.calls();

    assertThat(warm.clean(kept(KEPT, AGE_MILLIS), false)).isFalse();
    assertThat(counted.calls() - before).as("the floor, the newest, one old one").isEqualTo(3);
    assertThat(warm.clean(kept(KEPT, AGE_MILLIS), false)).isFalse();
    assertThat(counted.calls() - before).as("nothing came since").isEqualTo(3);
  }

  @Test
  void aLongBacklogGoesInBoundedSteps() {
    commit(log, 1_000);
    int most = 0;
    for (boolean more = true; more; ) {
      int before = versions().size();
      more = log.clean(kept(KEPT, 0), true);
      most = Math.max(most, before - versions().size());
    }
    assertThat(most).isEqualTo(256);
    assertThat(versions()).hasSizeBetween(KEPT, 2 * KEPT);
    assertThat(disk.names("metadata/floor", "")).hasSizeLessThanOrEqualTo(8);
  }

  @Test
  void aFreshProcessCleansWhatADeadOneLeft() {
    commit(log, 600);
    FaultyStorage dying = FaultyStorage.planned(disk, stopAtDelete(3));
    VersionLog killed = warm(dying);
    assertThatThrownBy(() -> killed.clean(kept(KEPT, 0), true)).isInstanceOf(ProcessStopped.class);
    assertThat(versions()).hasSize(598);

    VersionLog next = warm(disk);
    cleanAll(next);
    assertThat(versions()).hasSizeBetween(KEPT, 2 * KEPT);
  }

  private static FaultyStorage.Plan stopAtDelete(int which) {
    int[] deletes = {0};
    return (number, verb, key) ->
        verb == Verb.DELETE && ++deletes[0] == which ? Fault.STOP_BEFORE : Fault.NONE;
  }

  @Test
  void theFloorIsDurableBeforeTheFirstNameGoes() {
    commit(log, 100);
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog cleaner = warm(counted);
    cleaner.clean(kept(KEPT, 0), true);

    List<Call> calls = counted.log();
    int raised = indexOf(calls, Verb.CREATE_EXCLUSIVE, "metadata/floor/");
    int deleted = indexOf(calls, Verb.DELETE, "metadata/v");
    assertThat(raised).isPositive().isLessThan(deleted);
  }

  @Test
  void aFloorThatSomebodyElseRaisedIsMadeDurableFirst() {
    commit(log, 100);
    disk.replace("metadata/floor/50", ByteBuffer.wrap("50".getBytes(UTF_8)));
    FaultyStorage counted = FaultyStorage.counting(disk);
    VersionLog cleaner = warm(counted);
    cleaner.clean(kept(1_000, 0), true);

    List<Call> calls = counted.log();
    int synced = indexOf(calls, Verb.MAKE_DURABLE, "metadata/floor/50");
    int deleted = indexOf(calls, Verb.DELETE, "metadata/v");
    assertThat(synced).isPositive().isLessThan(deleted);
    assertThat(versions()).startsWith(50L);
  }

  private static int indexOf(List<Call> calls, Verb verb, String start) {
    for (int i = 0; i < calls.size(); i++) {
      if (calls.get(i).verb() == verb && calls.get(i).key().startsWith(start)) {
        return i;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"FAIL", "LOSE_ANSWER", "LOSE_REQUEST", "DELAY_REQUEST"})
  void withoutASureFloorNothingIsDeleted(Fault fault) {
    commit(log, 100);
    FaultyStorage faulty =
        FaultyStorage.planned(
            disk, (number, verb, key) -> verb == Verb.CREATE_EXCLUSIVE ? fault : Fault.NONE);
    VersionLog cleaner = warm(faulty);

    assertThatThrownBy(() -> cleaner.clean(kept(KEPT, 0), true))
        .isInstanceOf(DataShardException.class);
    assertThat(faulty.calls(Verb.DELETE)).isZero();
    assertThat(versions()).hasSize(100);
  }

  @Test
  void aDeathAtAnyCallLeavesATableThatGoesOn() {
    for (int call = 1; ; call++) {
      MemoryStorage store = new MemoryStorage("memory:///table", call, clock::get);
      commit(logOn(store), 40);
      VersionLog cleaner = logOn(FaultyStorage.stopAfter(call, store));
      boolean died = false;
      try {
        cleaner.newest();
        cleaner.clean(kept(KEPT, 0), true);
      } catch (ProcessStopped e) {
        died = true;
      }
      store.crash();
      VersionLog next = logOn(store);
      assertThat(next.newest().orElseThrow().number()).as("call " + call).isEqualTo(40);
      commit(next, 10);
      cleanAll(next);
      assertThat(logOn(store).newest().orElseThrow().number()).as("call " + call).isEqualTo(50);
      if (!died) {
        assertThat(call).isGreaterThan(30);
        return;
      }
    }
  }

  // Who slept

  @Test
  void aHandleThatSleptFindsTheNewestVersion() {
    VersionLog sleeper = logOn(disk);
    commit(sleeper, 5);
    commit(log, 100);
    cleanAll(log);

    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(105);
    commit(sleeper, 1);
    assertThat(log.newest().orElseThrow().number()).isEqualTo(106);
  }

  @Test
  void aWriterThatSleptBeforeItsCreateHasLost() {
    VersionLog sleeper = logOn(disk);
    commit(sleeper, 5);
    commit(log, 100);
    cleanAll(log);

    String token = sleeper.newToken();
    assertThat(sleeper.create(6, content(6, token), token, List.of())).isEqualTo(Outcome.LOST);
    assertThat(versions()).doesNotContain(6L);
  }

  /** The process sleeps in the middle of its create, and what it wanted was won and freed since. */
  private VersionLog asleepInCreate(boolean echo) {
    commit(log, 5);
    return logOn(
        new ForwardingStorage(disk) {
          @Override
          public PutOutcome createExclusive(String key, ByteBuffer content) {
            commit(log, 100);
            cleanAll(log);
            PutOutcome outcome = super.createExclusive(key, content);
            return echo ? PutOutcome.EXISTED : outcome;
          }
        });
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFreedNumberIsNotWonAgain(boolean echo) {
    VersionLog sleeper = asleepInCreate(echo);
    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(5);
    String token = sleeper.newToken();

    assertThat(sleeper.create(6, content(6, token), token, List.of())).isEqualTo(Outcome.UNDECIDED);
    assertThat(versions()).as("a name that says nothing").contains(6L);
    assertThat(sleeper.newest().orElseThrow().number()).isEqualTo(105);
    assertThat(logOn(disk).newest().orElseThrow().number()).isEqualTo(105);
  }

  @Test
  void aWonNumberThatWasFreedBeforeTheAnswerIsUndecidedToo() {
    commit(log, 5);
    VersionLog sleeper =
        logOn(
            new ForwardingStorage(disk) {
              @Override
              public PutOutcome createExclusive(String key, ByteBuffer content) {
                super.createExclusive(key, content);
                log.newest();
                commit(log, 100);
                cleanAll(log);
                throw new OutcomeUnknownException("No answer came in this test.");
              }
            });
    sleeper.newest();
    String token = sleeper.newToken();
    assertThat(sleeper.create(6, content(6, token), token, List.of())).isEqualTo(Outcome.UNDECIDED);
    assertThat(versions()).doesNotContain(6L);
  }

  @Test
  void somebodyElsesFileUnderAFreedNameDecidesNothing() {
    commit(log, 5);
    VersionLog sleeper =
        logOn(
            new ForwardingStorage(disk) {
              @Override
              public PutOutcome createExclusive(String key, ByteBuffer content) {
                super.createExclusive(key, content); // wins
                log.newest();
                commit(log, 100);
                cleanAll(log);
                disk.createExclusive(key, ByteBuffer.wrap("another sleeper's".getBytes(UTF_8)));
                return PutOutcome.EXISTED;
              }
            });
    sleeper.newest();
    String token = sleeper.newToken();
    assertThat(sleeper.create(6, content(6, token), token, List.of())).isEqualTo(Outcome.UNDECIDED);
  }

  @Test
  void whatIsUnderAFreedNameIsNeverRead() {
    VersionLog reader = logOn(disk);
    commit(reader, 5);
    commit(log, 100);
    cleanAll(log);
    disk.createExclusive("metadata/v6.metadata.json", ByteBuffer.wrap("bogus".getBytes(UTF_8)));
    disk.createExclusive("metadata/v7.metadata.json", ByteBuffer.wrap("bogus".getBytes(UTF_8)));

    assertThat(reader.newest().orElseThrow().number()).isEqualTo(105);
    assertThat(logOn(disk).newest().orElseThrow().number()).isEqualTo(105);
  }

  @Test
  void aReaderThatSleepsBetweenLookAndReadIsNotFooled() {
    VersionLog writer = logOn(disk);
    commit(writer, 5);
    boolean[] slept = {false};
    VersionLog reader =
        logOn(
            new ForwardingStorage(disk) {
              @Override
              public Optional<byte[]> read(String key, int bytesMax) {
                if (key.contains("v6.") && !slept[0]) {
                  slept[0] = true;
                  commit(writer, 100);
                  cleanAll(writer);
                  disk.createExclusive(key, ByteBuffer.wrap("bogus".getBytes(UTF_8)));
                }
                return super.read(key, bytesMax);
              }
            });
    reader.newest();
    commit(writer, 1);

    assertThat(reader.newest().orElseThrow().number()).isEqualTo(106);
    assertThat(slept[0]).isTrue();
  }

  @Test
  void aWriterOfTheHintThatSleptDoesNotLeaveItAtAFreedVersion() {
    commit(log, 5);
    VersionLog sleeper = warm(disk);
    commit(log, 100);
    cleanAll(log);
    log.hint(105);
    sleeper.hint(5);

    byte[] hint = disk.read("metadata/version-hint.text", 20).orElseThrow();
    assertThat(new String(hint, UTF_8)).isEqualTo("105");
  }

  @Test
  void aListingThatOverlapsWithCleaningSeesNoGap() {
    commit(log, 100);
    int[] cleaned = {0};
    VersionLog reader =
        logOn(
            new ForwardingStorage(disk) {
              @Override
              public List<String> names(String folder, String namePrefix) {
                List<String> names = super.names(folder, namePrefix);
                if (folder.equals("metadata") && cleaned[0]++ == 0) {
                  names = names.stream().filter(name -> !name.equals("v50.metadata.json")).toList();
                  cleanAll(log);
                }
                return names;
              }
            });
    assertThat(reader.newest().orElseThrow().number()).isEqualTo(100);
  }

  @Test
  void aVersionIsCountedOnlyWhenTheFloorCouldBeRead() {
    commit(log, 5);
    FaultyStorage faulty =
        FaultyStorage.planned(
            disk,
            (number, verb, key) ->
                verb == Verb.LIST && key.endsWith("/floor") && versions().contains(6L)
                    ? Fault.FAIL
                    : Fault.NONE);
    VersionLog writer = warm(faulty);
    String token = writer.newToken();
    assertThatThrownBy(() -> writer.create(6, content(6, token), token, List.of()))
        .isInstanceOf(OutcomeUnknownException.class);
  }

  // What is wrong with a floor

  @Test
  void aFloorAboveAllVersionsIsDamage() {
    commit(log, 5);
    disk.createExclusive("metadata/floor/900", ByteBuffer.wrap("900".getBytes(UTF_8)));

    assertThatThrownBy(() -> logOn(disk).newest())
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("metadata/floor/900")
        .hasMessageContaining("metadata/v900.metadata.json");
  }

  @Test
  void otherNamesBesideTheFloorAreNoFloor() {
    commit(log, 5);
    for (String name : List.of("x", "-7", "0", "007", "9999999999999999999", "12.tmp")) {
      disk.createExclusive("metadata/floor/" + name, ByteBuffer.wrap("x".getBytes(UTF_8)));
    }
    assertThat(log.floor()).isZero();
    assertThat(logOn(disk).newest().orElseThrow().number()).isEqualTo(5);
  }
}
