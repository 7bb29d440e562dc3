package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Table;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Fault;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * I3, I4: answers get lost, requests arrive late or twice. No row is missing that was acknowledged,
 * none is there twice, and "not committed" is true whenever it is said.
 */
abstract class AnswerLostTests extends TableTests {
  /** What an append told its caller. */
  private enum Told {
    COMMITTED,
    NOT_COMMITTED,
    UNKNOWN
  }

  private static Told append(Table table, int from, int to) {
    try {
      table.append(Tables.rows(from, to));
      return Told.COMMITTED;
    } catch (OutcomeUnknownException e) {
      return Told.UNKNOWN;
    } catch (StorageException e) {
      return Told.NOT_COMMITTED;
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"FAIL", "LOSE_ANSWER", "LOSE_REQUEST", "DELAY_REQUEST", "RESEND"})
  void oneFaultAtEveryCall(Fault fault) {
    for (int k = 1; ; k += step()) {
      disk = store().empty(k);
      try (Table table = Tables.create(disk)) {
        table.append(Tables.rows(0, 10));
      }
      FaultyStorage faulty = FaultyStorage.once(k, fault, disk);
      Told told;
      try (Table table = Tables.load(faulty)) {
        told = append(table, 10, 15);
      } catch (StorageException e) {
        told = Told.NOT_COMMITTED; // it did not even open
      }
      faulty.deliverDelayed();
      Map<Integer, Integer> found = Tables.countsById(disk);
      switch (told) {
        case COMMITTED ->
            assertThat(found).as("%s at call %d", fault, k).isEqualTo(Tables.once(0, 15));
        case NOT_COMMITTED ->
            assertThat(found).as("%s at call %d", fault, k).isEqualTo(Tables.once(0, 10));
        case UNKNOWN ->
            assertThat(found)
                .as("%s at call %d", fault, k)
                .isIn(Tables.once(0, 10), Tables.once(0, 15));
      }
      if (faulty.calls() < k) {
        return;
      }
    }
  }

  @Test
  void ownCommitIsRecognisedWhenTheClientAsksTwice() {
    Tables.create(disk).close();
    FaultyStorage resending =
        FaultyStorage.planned(
            disk,
            (number, verb, key) ->
                verb == FaultyStorage.Verb.CREATE_EXCLUSIVE ? Fault.RESEND : Fault.NONE);
    try (Table table = Tables.load(resending)) {
      for (int i = 0; i < 5; i++) {
        table.append(Tables.rows(i, i + 1));
      }
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 5));
  }

  @Test
  void unknownIsSaidWhenARequestMayStillArrive() {
    Tables.create(disk).close();
    FaultyStorage losing =
        FaultyStorage.planned(
            disk,
            (number, verb, key) ->
                verb == FaultyStorage.Verb.CREATE_EXCLUSIVE ? Fault.LOSE_REQUEST : Fault.NONE);
    try (Table table = Tables.load(losing)) {
      assertThatThrownBy(() -> table.append(Tables.rows(0, 1)))
          .isInstanceOf(OutcomeUnknownException.class);
    }
    // Nothing it wrote was deleted: the request could have arrived, and named all of it (I3, I7).
    assertThat(losing.calls(FaultyStorage.Verb.DELETE)).isZero();
  }

  @Test
  void manyFaultsAtRandom() {
    for (long seed = 1; seed <= rounds(150); seed++) {
      disk = store().empty(seed);
      Tables.create(disk).close();
      FaultyStorage faulty = FaultyStorage.lostAnswers(seed, 15, disk);
      Map<Integer, Told> told = new TreeMap<>();
      try (Table table = Tables.load(faulty)) {
        for (int i = 0; i < 12; i++) {
          told.put(i, append(table, i, i + 1));
        }
      }
      faulty.deliverDelayed();
      Map<Integer, Integer> found = Tables.countsById(disk);
      told.forEach(
          (id, said) -> {
            int count = found.getOrDefault(id, 0);
            switch (said) {
              case COMMITTED -> assertThat(count).as("row %d, committed", id).isEqualTo(1);
              case NOT_COMMITTED -> assertThat(count).as("row %d, not committed", id).isZero();
              case UNKNOWN -> assertThat(count).as("row %d, unknown", id).isIn(0, 1);
            }
          });
    }
  }
}
