package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.ProcessStopped;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * I2, I3: a process that dies at any storage call, before or after its effect, with the power going
 * as well, leaves the old table or the new one, and the new one if it had acknowledged.
 */
abstract class CrashAnywhereTests extends TableTests {
  private static final Map<Integer, Integer> OLD = Tables.once(0, 10);
  private static final Map<Integer, Integer> NEW = Tables.once(0, 15);

  /** Dies at every call in turn; returns how many calls there were. */
  private int cutEverywhere(
      boolean afterEffect, boolean powerCut, Consumer<Table> act, Map<Integer, Integer> after) {
    return cutEverywhere(Tables::create, afterEffect, powerCut, act, after);
  }

  private int cutEverywhere(
      Function<Storage, Table> create,
      boolean afterEffect,
      boolean powerCut,
      Consumer<Table> act,
      Map<Integer, Integer> after) {
    for (int k = 1; ; k += step()) {
      disk = store().empty(k);
      try (Table table = create.apply(disk)) {
        table.append(Tables.rows(0, 10));
      }
      FaultyStorage dying =
          afterEffect ? FaultyStorage.stopAfterEffect(k, disk) : FaultyStorage.stopAfter(k, disk);
      boolean acknowledged = tryTo(act, dying);
      if (powerCut) {
        store().cutPower(disk);
      }
      Map<Integer, Integer> found = Tables.countsById(disk);
      assertThat(found).as("cut at call %d", k).isIn(OLD, after);
      if (acknowledged) {
        assertThat(found).as("acknowledged, then cut at call %d", k).isEqualTo(after);
      }
      appendsStill(found);
      if (!dying.stopped()) {
        return k - 1; // it ran through: every earlier point was tried
      }
    }
  }

  private static boolean tryTo(Consumer<Table> act, FaultyStorage storage) {
    try (Table table = Tables.load(storage)) {
      act.accept(table);
      return true;
    } catch (ProcessStopped e) {
      return false;
    } catch (OutcomeUnknownException e) {
      // The thread that commits died; in a real process the one that waits would have, too.
      assertThat(e).hasCauseInstanceOf(ProcessStopped.class);
      return false;
    }
  }

  /** Whatever a dead process left behind is in nobody's way. */
  private void appendsStill(Map<Integer, Integer> before) {
    try (Table table = Tables.load(disk)) {
      table.append(Tables.rows(100, 101));
    }
    assertThat(Tables.countsById(disk)).containsAllEntriesOf(before).containsEntry(100, 1);
  }

  @Test
  void appendIsWholeOrNotAtAll() {
    Consumer<Table> append = table -> table.append(Tables.rows(10, 15));
    int calls = cutEverywhere(false, false, append, NEW);
    assertThat(calls).as("calls of one append").isGreaterThan(5);
    cutEverywhere(true, false, append, NEW);
  }

  @Test
  void appendSurvivesPowerCuts() {
    assumeTrue(store().cutPower(store().empty(1)), "nothing is lost by a power cut");
    Consumer<Table> append = table -> table.append(Tables.rows(10, 15));
    cutEverywhere(false, true, append, NEW);
    cutEverywhere(true, true, append, NEW);
  }

  /** Without and with; where a cut takes nothing away the two are the same. */
  private List<Boolean> powerCuts() {
    return store().cutPower(store().empty(1)) ? List.of(false, true) : List.of(false);
  }

  @Test
  void appendToPartitionsIsWholeOrNotAtAll() {
    Consumer<Table> append = table -> table.append(Tables.rows(10, 15));
    for (boolean powerCut : powerCuts()) {
      int calls = cutEverywhere(Tables::createPartitioned, false, powerCut, append, NEW);
      assertThat(calls).as("calls of one append to three partitions").isGreaterThan(8);
      cutEverywhere(Tables::createPartitioned, true, powerCut, append, NEW);
    }
    cutEverywhere(Tables::createPartitioned, true, true, REPLACE_ALL, Tables.once(20, 30));
  }

  private static final Consumer<Table> REPLACE_ALL =
      table -> {
        try (Transaction tx = table.newTransaction()) {
          tx.removeFiles(locations(table));
          tx.append(Tables.rows(20, 25));
          tx.append(Tables.rows(25, 30));
          tx.setProperty("owner", "me");
          tx.commit();
        }
      };

  @Test
  void transactionIsWholeOrNotAtAll() {
    cutEverywhere(false, true, REPLACE_ALL, Tables.once(20, 30));
    cutEverywhere(true, true, REPLACE_ALL, Tables.once(20, 30));
  }

  private static List<String> locations(Table table) {
    return table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList();
  }

  @Test
  void creationIsWholeOrNotAtAll() {
    for (boolean after : new boolean[] {false, true}) {
      for (int k = 1; ; k += step()) {
        disk = store().empty(k);
        FaultyStorage dying =
            after ? FaultyStorage.stopAfterEffect(k, disk) : FaultyStorage.stopAfter(k, disk);
        try (Table table = Tables.create(dying)) {
          assertThat(table.wasCreated()).isTrue();
        } catch (ProcessStopped e) {
          // what is left is looked at below
        }
        store().cutPower(disk);
        try (Table table = Tables.create(disk)) {
          table.append(Tables.rows(0, 1));
        }
        assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(0, 1));
        if (!dying.stopped()) {
          break;
        }
      }
    }
  }
}
