package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.SimulatedDoor;
import io.datashard.Table;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.table.Snapshot;
import io.datashard.testkit.ForwardingEnv;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.tables.Tables;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** However many commits there were, the file that is written with each of them stays short. */
class HeadLengthTest {
  private static final int SMALL = 24 << 10;

  /** A snapshot may be a little longer than those before it. */
  private static final int SLACK = 1 << 10;

  private final MemoryStorage disk = new MemoryStorage();
  private final Clock clock = new Clock();
  private int commits;
  private int longest;
  private TableMetadata head;

  /** The real machine, but the time is what the test says. */
  private static final class Clock extends ForwardingEnv {
    private volatile long millis = 1_780_000_000_000L;

    @Override
    public long nowMillis() {
      return millis;
    }
  }

  private void append(Table table, int times, long afterMillis) {
    longest = 0;
    for (int i = 0; i < times; i++) {
      clock.millis += afterMillis;
      table.append(Tables.rows(commits, ++commits));
      String key = "metadata/v" + table.version() + ".metadata.json";
      byte[] content = disk.readWhole(key, -1);
      longest = Math.max(longest, content.length);
      if (i % 50 == 49) {
        head = TableMetadataJson.parse(content, key);
        assertThat(head.metadataLog().size()).isLessThanOrEqualTo(10);
        assertThat(head.snapshotLog().size()).isEqualTo(head.snapshots().size());
      }
    }
  }

  @Test
  void itIsShortInAStormAndLongerWhenNobodyFeelsIt() {
    try (Table table =
        SimulatedDoor.tables(disk, clock)
            .newTable("t", Tables.SCHEMA)
            .property("datashard.history.versions-min", "2")
            .property("datashard.history.version-ms-min", "0")
            .create()) {
      append(table, 300, 10);
      assertThat(longest).isBetween(SMALL - SLACK, SMALL + SLACK);
      assertThat(head.snapshots()).hasSizeLessThan(50);

      append(table, 450, 24_000);
      assertThat(longest).as("24 s apart").isBetween(8 * SMALL - SLACK, 8 * SMALL + SLACK);
      assertThat(head.snapshots()).hasSizeGreaterThan(100);

      append(table, 50, 1);
      append(table, 150, 1);
      assertThat(longest).as("a storm again").isLessThan(SMALL + SLACK);

      try (Stream<Snapshot> all = table.snapshots()) {
        assertThat(all.mapToLong(Snapshot::sequenceNumber).toArray())
            .isEqualTo(Stream.iterate(1L, n -> n + 1).limit(commits).mapToLong(n -> n).toArray());
      }
      assertThat(table.history().snapshots()).isEqualTo(950);
    }
  }
}
