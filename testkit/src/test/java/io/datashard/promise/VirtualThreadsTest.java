package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.storage.Storage;
import io.datashard.table.DataFile;
import io.datashard.testkit.FaultyStorage;
import io.datashard.testkit.FaultyStorage.Fault;
import io.datashard.testkit.FaultyStorage.Verb;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.tables.Tables;
import java.lang.management.ManagementFactory;
import java.lang.management.MonitorInfo;
import java.lang.management.ThreadInfo;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nobody waits for a store inside {@code synchronized}: a virtual thread that does keeps its
 * carrier from all others.
 */
class VirtualThreadsTest {
  private final Set<String> pinned = new ConcurrentSkipListSet<>();
  private final Set<Verb> called = new ConcurrentSkipListSet<>();
  private final Storage storage = FaultyStorage.planned(new MemoryStorage(1), this::look);

  private Fault look(int number, Verb verb, String key) {
    called.add(verb);
    long[] self = {Thread.currentThread().getId()};
    ThreadInfo found = ManagementFactory.getThreadMXBean().getThreadInfo(self, true, false)[0];
    for (MonitorInfo each : found.getLockedMonitors()) {
      StackTraceElement frame = each.getLockedStackFrame();
      String holder = frame.getClassName() + "." + frame.getMethodName();
      if (holder.startsWith("io.datashard.") && !holder.startsWith("io.datashard.testkit.")) {
        pinned.add(verb + " inside " + holder);
      }
    }
    return Fault.NONE;
  }

  @Test
  void noCallOfTheStoreIsMadeInsideSynchronized() {
    try (Table table = Tables.create(storage)) {
      table.newAppend().rows(Tables.rows(0, 10)).once("s", 1).commit();
      for (int i = 10; i < 60; i++) {
        table.append(Tables.rows(i, i + 1));
      }
      table.append(Tables.rows(100, 30_000));
      table.updateProperties().set("owner", "me").commit();
    }
    try (Table table = Tables.load(storage)) {
      List<String> files =
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList();
      try (Transaction tx = table.newTransaction()) {
        tx.removeFiles(files.subList(0, 1)).append(Tables.rows(50_000, 50_010)).commit();
      }
      table.newAppend().rows(Tables.rows(0, 10)).once("s", 2).commit();
    }
    try (Table table = Tables.load(storage)) {
      table.append(Tables.rows(60, 61));
      assertThat(table.scan().where("id > 20000").toMaps()).isNotEmpty();
      assertThat(table.scan().parallel(3).toMaps()).isNotEmpty();
      assertThat(table.scan().where("name = 'row 7'").count()).isPositive();
      assertThat(table.knownSources().known()).isEqualTo(1);
      try (Stream<?> snapshots = table.snapshots()) {
        assertThat(snapshots).isNotEmpty();
      }
      assertThat(table.snapshotAsOf(Long.MAX_VALUE)).isNotNull();
      table.removeOrphanFiles().olderThan(Duration.ofHours(1)).run();
    }
    assertThat(called).contains(Verb.CREATE_EXCLUSIVE, Verb.OPEN, Verb.READ_RANGE, Verb.LIST);
    assertThat(pinned).isEmpty();
  }
}
