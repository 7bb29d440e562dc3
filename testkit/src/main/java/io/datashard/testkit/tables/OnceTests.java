package io.datashard.testkit.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.datashard.Append;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.OnceRefusedException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.internal.metadata.SnapshotRef;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.KnownSources;
import io.datashard.table.Snapshot;
import io.datashard.table.Verification;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Fault;
import io.datashard.testkit.ForwardingStorage;
import io.datashard.testkit.ProcessStopped;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * I3: an append with a source and a number is in the table once, however often, by whomever and in
 * whatever order it is tried, and whatever goes wrong in between.
 */
@Timeout(120) // a hang, not slowness
abstract class OnceTests extends TableTests {
  private static final String LONG_NAME = "x".repeat(230);

  /** The batch of this number: one row of that id. */
  private static Append batch(Table table, String source, int number) {
    return table.newAppend().rows(Tables.rows(number, number + 1)).once(source, number);
  }

  private static Committed append(Table table, String source, int number) {
    return batch(table, source, number).commit();
  }

  private static Verification verified(Storage disk) {
    return DataShard.on(location -> disk).verify("t").deep().run();
  }

  /** No damage, and no file that nobody names. */
  private static void requireTidy(Storage disk) {
    Verification found = verified(disk);
    assertThat(found.damages()).isEmpty();
    assertThat(found.counts().orphanFiles()).isZero();
  }

  @Test
  void aRepeatedAppendAddsNothingAndTellsOfTheFirst() {
    try (Table table = Tables.create(disk)) {
      Committed first = append(table, "job-7", 42);
      assertThat(first.changed()).isTrue();
      assertThat(first.wasThere()).isFalse();
      assertThat(first.rowsAdded()).isEqualTo(1);
      append(table, "job-7", 41);
      long version = table.version();
      Committed again = append(table, "job-7", 42);
      assertThat(again)
          .isEqualTo(
              new Committed(
                  first.version(), first.snapshot(), 0, 0, Committed.Outcome.THERE_ALREADY));
      assertThat(again.wasThere()).isTrue();
      assertThat(again.changed()).isFalse();
      assertThat(table.version()).as("no commit was made").isEqualTo(version);
      assertThat(append(table, "job-8", 42).changed()).as("another source").isTrue();
      assertThat(table.knownSources()).isEqualTo(new KnownSources(2, 0));
    }
    Map<Integer, Integer> expected = new HashMap<>(Map.of(41, 1, 42, 2));
    assertThat(Tables.countsById(disk)).isEqualTo(expected);
    requireTidy(disk);
  }

  @Test
  void anyOrderAnyProcessAnyRepetition() {
    Tables.create(disk).close();
    for (long seed = 1; seed <= atMost(3, 1); seed++) {
      Random random = new Random(seed);
      String source = source() + seed;
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        numbers.add(1_000 * (int) seed + random.nextInt(60));
      }
      Map<Integer, Committed> first = new HashMap<>();
      Table table = Tables.load(disk);
      for (int number : numbers) {
        if (random.nextInt(5) == 0) {
          table.close();
          table = Tables.load(disk); // as another process, which knows nothing
        }
        Committed done = append(table, source, number);
        Committed before = first.putIfAbsent(number, done);
        assertThat(done.wasThere()).as("seed %d, %d", seed, number).isEqualTo(before != null);
        if (before != null && done.snapshot().isPresent()) {
          assertThat(done.snapshotId()).isEqualTo(before.snapshotId());
          assertThat(done.version()).isEqualTo(before.version());
        }
      }
      table.close();
      Map<Integer, Integer> counts = Tables.countsById(disk);
      for (int number : first.keySet()) {
        assertThat(counts).as("seed %d", seed).containsEntry(number, 1);
      }
    }
    assertThat(disk.listAll("metadata/sources")).as("ledgers").isNotEmpty();
    requireTidy(disk);
  }

  @Test
  void threadsWithTheSameNumbersAddEachOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    List<Table> handles = new ArrayList<>();
    Map<Integer, List<Boolean>> changed = new HashMap<>();
    try {
      Tables.create(disk).close();
      List<Future<?>> all = new ArrayList<>();
      Map<Integer, List<Boolean>> told = Collections.synchronizedMap(changed);
      for (int thread = 0; thread < 8; thread++) {
        // Two threads share a handle, so the same number also meets itself in one round.
        Table table = thread % 2 == 0 ? Tables.load(disk) : handles.get(handles.size() - 1);
        handles.add(table);
        Random random = new Random(thread);
        all.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 30; i++) {
                    int number = random.nextInt(15);
                    Committed done = append(table, "job", number);
                    told.merge(
                        number,
                        List.of(done.changed()),
                        (a, b) -> {
                          List<Boolean> both = new ArrayList<>(a);
                          both.addAll(b);
                          return both;
                        });
                  }
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      handles.forEach(Table::close);
      threads.shutdownNow();
    }
    Map<Integer, Integer> expected = new HashMap<>();
    changed.forEach(
        (number, told) -> {
          expected.put(number, 1);
          assertThat(told.stream().filter(each -> each)).as("number %d", number).hasSize(1);
        });
    assertThat(Tables.countsById(disk)).isEqualTo(expected);
    requireTidy(disk);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aCrashAtAnyCallAndThenAnotherTry(boolean afterEffect) {
    boolean folded = false;
    for (int k = 1; ; k += step()) {
      Storage store = nearlyFolding(k);
      FaultyStorage dying =
          afterEffect ? FaultyStorage.stopAfterEffect(k, store) : FaultyStorage.stopAfter(k, store);
      try (Table table = Tables.load(dying)) {
        append(table, "job", 10_000);
      } catch (ProcessStopped | OutcomeUnknownException e) {
        // the next one does not know
      }
      folded |= dying.log().stream().anyMatch(call -> call.key().startsWith("metadata/sources/"));
      if (k % 2 == 0) {
        store().cutPower(store);
      }
      Committed done;
      try (Table table = Tables.load(store)) {
        done = append(table, "job", 10_000);
        assertThat(append(table, "job", 10_000).snapshotId()).isEqualTo(done.snapshotId());
      }
      assertThat(Tables.countsById(store)).as("cut at call %d", k).containsEntry(10_000, 1);
      assertThat(verified(store).damages()).as("cut at call %d", k).isEmpty();
      if (!dying.stopped()) {
        assertThat(folded).as("a ledger was written among the calls").isTrue();
        return;
      }
    }
  }

  /** A table whose next numbered append writes a ledger. */
  private Storage nearlyFolding(long seed) {
    Storage store = store().empty(seed);
    try (Table table = Tables.create(store)) {
      for (int i = 0; i < 15; i++) {
        append(table, LONG_NAME + i, 2 * i);
      }
    }
    assertThat(store.listAll("metadata/sources")).isEmpty();
    return store;
  }

  @ParameterizedTest
  @EnumSource(
      value = Fault.class,
      names = {"FAIL", "LOSE_ANSWER", "LOSE_REQUEST", "DELAY_REQUEST", "RESEND"})
  void oneFaultAtAnyCallAndThenAnotherTry(Fault fault) {
    for (int k = 1; ; k += step()) {
      Storage store = nearlyFolding(k);
      FaultyStorage faulty = FaultyStorage.once(k, fault, store);
      boolean committed = false;
      for (int tries = 0; !committed && tries < 5; tries++) {
        try (Table table = Tables.load(faulty)) {
          append(table, "job", 10_000);
          committed = true;
        } catch (StorageException e) {
          // try again
        } catch (OutcomeUnknownException e) {
          assertThat(e).hasMessageContaining("number 10000 of source 'job'");
        }
      }
      assertThat(committed).isTrue();
      faulty.deliverDelayed();
      assertThat(Tables.countsById(store)).as("%s at call %d", fault, k).containsEntry(10_000, 1);
      assertThat(verified(store).damages()).isEmpty();
      if (faulty.calls() < k) {
        return;
      }
    }
  }

  @Test
  void manyFaultsAtRandomAndManyTries() {
    for (long seed = 1; seed <= rounds(60); seed++) {
      Storage store = store().empty(seed);
      Tables.create(store).close();
      FaultyStorage faulty = FaultyStorage.lostAnswers(seed, 15, store);
      Random random = new Random(seed);
      Map<Integer, Integer> expected = new HashMap<>();
      Map<Integer, Integer> atMost = new HashMap<>();
      try (Table one = Tables.load(faulty);
          Table two = Tables.load(faulty)) {
        for (int i = 0; i < 40; i++) {
          int number = random.nextInt(20);
          atMost.put(number, 1);
          try {
            append(random.nextBoolean() ? one : two, "job", number);
            expected.put(number, 1);
          } catch (StorageException | OutcomeUnknownException e) {
            // may be tried again by chance
          }
        }
      }
      faulty.deliverDelayed();
      Map<Integer, Integer> found = Tables.countsById(store);
      assertThat(found).as("seed %d", seed).containsAllEntriesOf(expected);
      assertThat(atMost).as("seed %d", seed).containsAllEntriesOf(found);
    }
  }

  /** Lets something happen right before the first version is created. */
  private static final class Before extends ForwardingStorage {
    private Runnable act;

    Before(Storage disk, Runnable act) {
      super(disk);
      this.act = act;
    }

    /** As on another machine: rivals there do not take turns with us. */
    @Override
    public String identity(String key) {
      return super.identity(key) + " elsewhere";
    }

    @Override
    public PutOutcome createExclusive(String key, ByteBuffer content) {
      Runnable now = act;
      act = () -> {};
      now.run();
      return super.createExclusive(key, content);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRivalWithTheSameNumberWins(boolean andWritesLedgers) {
    int rivalCommits = andWritesLedgers ? some() : 1;
    Tables.create(disk).close();
    List<Committed> ofRival = new ArrayList<>();
    Runnable rival =
        () -> {
          try (Table other = Tables.load(disk)) {
            ofRival.add(append(other, source(), 5));
            for (int i = 1; i < rivalCommits; i++) {
              append(other, source(), 2 * i + 100);
            }
          }
        };
    try (Table table = Tables.load(new Before(disk, rival))) {
      Committed done = append(table, source(), 5);
      assertThat(done.wasThere()).isTrue();
      if (andWritesLedgers) {
        assertThat(disk.listAll("metadata/sources")).isNotEmpty();
      } else {
        assertThat(done.snapshotId()).isEqualTo(ofRival.get(0).snapshotId());
      }
      assertThat(append(table, source(), 6).changed()).isTrue();
    }
    assertThat(Tables.countsById(disk)).containsEntry(5, 1).containsEntry(6, 1);
    requireTidy(disk);
  }

  @Test
  void aLostRaceLeavesNoLedgerBehind() {
    Storage store = nearlyFolding(1);
    Runnable rival =
        () -> {
          try (Table other = Tables.load(store)) {
            append(other, "rival", 1); // and writes the ledger
          }
        };
    try (Table table = Tables.load(new Before(store, rival))) {
      assertThat(append(table, "job", 6).changed()).isTrue();
    }
    assertThat(store.listAll("metadata/sources")).hasSize(1);
    requireTidy(store);
    try (Table table = Tables.load(store)) {
      assertThat(append(table, "rival", 1).wasThere()).isTrue();
      assertThat(append(table, "job", 6).wasThere()).isTrue();
      assertThat(append(table, LONG_NAME + 3, 6).wasThere()).isTrue();
    }
  }

  @Test
  void filesOfARepeatedAppendAreRemoved(@TempDir Path folder) throws IOException {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 2; i++) {
        Committed done = table.newAppend().rows(Tables.rows(0, 50_000)).once("large", 1).commit();
        assertThat(done.wasThere()).isEqualTo(i == 1);
      }
      DataFile file = table.dataFiles(table.currentSnapshot().orElseThrow()).toList().get(0);
      Path copy = folder.resolve("copy.parquet");
      Files.write(copy, disk.readWhole(keyOf(disk, file), -1));
      try (Transaction tx = table.newTransaction()) {
        tx.removeFiles(List.of(file.location())).commit();
      }
      for (int i = 0; i < 2; i++) {
        Committed done = table.newAppend().files(copy).once("file", 1).commit();
        assertThat(done.wasThere()).isEqualTo(i == 1);
        assertThat(done.rowsAdded()).isEqualTo(i == 1 ? 0 : 50_000);
      }
      assertThat(table.scan().count()).isEqualTo(50_000);
    }
    requireTidy(disk);
  }

  @Test
  void aTransactionComesOnceToo() {
    try (Table table = Tables.create(disk)) {
      table.append(Tables.rows(0, 10));
      List<String> old =
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList();
      for (int i = 0; i < 3; i++) {
        try (Transaction tx = table.newTransaction()) {
          Committed done =
              tx.removeFiles(old).append(Tables.rows(20, 25)).once("compaction", 1).commit();
          assertThat(done.wasThere()).isEqualTo(i > 0);
          assertThat(done.rowsAdded()).isEqualTo(i > 0 ? 0 : 5);
          assertThat(done.rowsRemoved()).isEqualTo(i > 0 ? 0 : 10);
        }
      }
      try (Transaction tx = table.newTransaction()) {
        tx.setProperty("owner", "me").once("compaction", 2);
        assertThatThrownBy(tx::commit).isInstanceOf(IllegalStateException.class);
      }
    }
    assertThat(Tables.countsById(disk)).isEqualTo(Tables.once(20, 25));
    requireTidy(disk);
  }

  @Test
  void anEmptyAppendTakesNoNumber() {
    try (Table table = Tables.create(disk)) {
      Committed empty = table.newAppend().once("job", 1).commit();
      assertThat(empty.changed()).isFalse();
      assertThat(empty.wasThere()).isFalse();
      assertThat(append(table, "job", 1).changed()).isTrue();
    }
  }

  /** So many that a ledger is written, and more after it. */
  private int some() {
    return atMost(150, 25);
  }

  /** A source that fills a ledger in so many appends: its name is most of what is kept. */
  private String source() {
    return store().isSlow() ? LONG_NAME : "job";
  }

  private void appendSome() {
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < some(); i++) {
        append(table, source(), i);
      }
    }
    assertThat(disk.listAll("metadata/sources")).isNotEmpty();
  }

  private void requireAllThere() {
    try (Table table = Tables.load(disk)) {
      for (int i = 0; i < some(); i++) {
        assertThat(append(table, source(), i).wasThere()).as("number %d", i).isTrue();
      }
      assertThat(append(table, source(), 151).changed()).isTrue();
      assertThat(append(table, source(), 151).wasThere()).isTrue();
    }
  }

  @Test
  void aForeignCommitInBetweenForgetsNothing() {
    appendSome();
    commitAsAnother(metadata -> metadata.toBuilder().property("owner", "spark").build());
    requireAllThere();
  }

  @Test
  void aRollbackForgetsNothing() {
    appendSome();
    commitAsAnother(
        metadata -> {
          long first = metadata.snapshots().get(0).snapshotId();
          return metadata.toBuilder()
              .currentSnapshotId(first)
              .refs(Map.of(SnapshotRef.MAIN, SnapshotRef.branch(first)))
              .build();
        });
    Map<Integer, Integer> left = Tables.countsById(disk);
    assertThat(left).hasSizeLessThan(some());
    requireAllThere();
    left.put(151, 1);
    assertThat(Tables.countsById(disk)).isEqualTo(left);
  }

  @Test
  void anExpiryForgetsNothing() {
    appendSome();
    commitAsAnother(
        metadata -> {
          Snapshot last = metadata.currentSnapshot().orElseThrow();
          return metadata.toBuilder()
              .snapshots(List.of(last))
              .snapshotLog(
                  List.of(
                      new TableMetadata.SnapshotLogEntry(
                          last.timestampMillis(), last.snapshotId())))
              .build();
        });
    requireAllThere();
  }

  @Test
  void ofADamagedOrMissingLedgerNothingIsGuessed() {
    appendSome();
    String ledger = disk.listAll("metadata/sources").get(0).key();
    for (boolean missing : new boolean[] {false, true}) {
      if (missing) {
        disk.delete(ledger);
      } else {
        byte[] content = disk.read(ledger, 1 << 20).orElseThrow();
        content[content.length - 3] ^= 1;
        damage(ledger, content);
      }
      try (Table table = Tables.load(disk)) {
        int id = missing ? 901 : 900;
        assertThatThrownBy(() -> append(table, source(), id))
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(ledger);
        table.append(Tables.rows(id, id + 1)); // others go on
      }
      assertThat(verified(disk).damages())
          .singleElement()
          .satisfies(damage -> assertThat(damage.what()).contains(ledger));
    }
    assertThat(Tables.countsById(disk)).containsEntry(900, 1).containsEntry(901, 1);
  }

  @Test
  void whatIsTooOldToKnowIsRefusedAloneAndNothingIsCommitted() throws Exception {
    assumeFalse(store().isSlow(), "so many commits take long");
    try (Table table = Tables.create(disk)) {
      for (int i = 0; i < 1_001; i++) {
        append(table, "job", 10 + 2 * i);
      }
      long version = table.version();
      assertThatThrownBy(() -> append(table, "job", 3)).isInstanceOf(OnceRefusedException.class);
      assertThat(table.version()).isEqualTo(version);
      // Of several in one round only this one fails.
      ExecutorService threads = Executors.newFixedThreadPool(8);
      try {
        List<Future<Committed>> good = new ArrayList<>();
        List<Future<Committed>> bad = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          int number = 5_000 + i;
          good.add(threads.submit(() -> append(table, "job", number)));
          bad.add(threads.submit(() -> append(table, "job", 4)));
        }
        for (Future<Committed> one : good) {
          assertThat(one.get().changed()).isTrue();
        }
        for (Future<Committed> one : bad) {
          assertThatThrownBy(one::get).hasCauseInstanceOf(OnceRefusedException.class);
        }
      } finally {
        threads.shutdownNow();
      }
    }
    assertThat(Tables.countsById(disk)).doesNotContainKey(3).doesNotContainKey(4).hasSize(1_021);
  }

  @Test
  void thePropertyIsNobodysBusiness() {
    try (Table table = Tables.create(disk)) {
      append(table, "job", 1);
      assertThat(table.properties()).doesNotContainKey("datashard.sources");
      assertThatThrownBy(() -> table.newTransaction().removeProperty("datashard.sources"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> table.newTransaction().setProperty("datashard.sources", "x"))
          .isInstanceOf(IllegalArgumentException.class);
      try (Transaction tx = table.newTransaction()) {
        tx.setProperty("datashard.once.age-ms-max", "86400000").commit();
      }
    }
  }

  @Test
  void aTableThatNeverUsesItPaysNothing() {
    Tables.create(disk).close();
    try (Table table = Tables.load(disk)) {
      table.append(Tables.rows(0, 5));
      assertThat(table.knownSources()).isEqualTo(new KnownSources(0, 0));
    } catch (DataShardException e) {
      throw new AssertionError(e);
    }
    String metadata =
        new String(
            disk.read("metadata/v2.metadata.json", 1 << 20).orElseThrow(),
            java.nio.charset.StandardCharsets.UTF_8);
    assertThat(metadata).doesNotContain("datashard.sources");
    assertThat(disk.listAll("metadata/sources")).isEmpty();
  }

  @Test
  void anAppendWithANumberCostsNoMoreCallsThanOneWithout() {
    assumeFalse(disk.isRemote(), "other work goes on beside");
    Tables.create(disk).close();
    FaultyStorage counting = FaultyStorage.counting(disk);
    try (Table table = Tables.load(counting)) {
      append(table, "job", 1);
      table.append(Tables.rows(50, 51));
      int start = counting.calls();
      table.append(Tables.rows(51, 52));
      int without = counting.calls() - start;
      append(table, "job", 2);
      assertThat(counting.calls() - start - without).isEqualTo(without);
    }
  }
}
