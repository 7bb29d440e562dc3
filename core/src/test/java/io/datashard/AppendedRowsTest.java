package io.datashard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.DataFile;
import io.datashard.table.Snapshot;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that were appended between two snapshots, and tables that are followed. */
class AppendedRowsTest {
  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.INT).optional("name", Type.STRING).build();

  @TempDir Path folder;
  private Table table;
  private int lastId;

  @BeforeEach
  void create() {
    table =
        DataShard.newTable(folder.resolve("t"), SCHEMA)
            .property("datashard.history.head-bytes", "8192") // older snapshots are archived
            .create();
  }

  @AfterEach
  void close() {
    table.close();
  }

  /** Appends so many rows; returns their ids. */
  private List<Integer> append(int count) {
    List<Integer> ids = IntStream.rangeClosed(lastId + 1, lastId + count).boxed().toList();
    lastId += count;
    table.append(ids.stream().map(id -> Map.of("id", id, "name", "n" + id % 3)).toList());
    return ids;
  }

  private static List<Integer> ids(Scan scan) {
    return scan.toMaps().stream().map(row -> (Integer) row.get("id")).toList();
  }

  private long newest() {
    return table.currentSnapshot().orElseThrow().snapshotId();
  }

  private void removeOneFile(Random random) {
    List<String> files =
        table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList();
    try (Transaction change = table.newTransaction()) {
      change.removeFiles(List.of(files.get(random.nextInt(files.size())))).commit();
    }
  }

  @Test
  void anyTwoSnapshotsOfALongHistory() {
    Random random = new Random(7);
    List<Long> snapshots = new ArrayList<>();
    Map<Long, List<Integer>> rowsOf = new HashMap<>();
    for (int i = 0; i < 60; i++) {
      boolean removes = i % 11 == 10;
      List<Integer> rows = removes ? List.of() : append(1 + random.nextInt(3));
      if (removes) {
        removeOneFile(random);
      }
      snapshots.add(newest());
      rowsOf.put(newest(), rows);
    }
    assertThat(table.history().archived()).as("archived snapshots").isPositive();
    for (int i = 0; i < 200; i++) {
      int from = random.nextInt(snapshots.size());
      int to = from + random.nextInt(snapshots.size() - from);
      List<Integer> expected = new ArrayList<>();
      for (long between : snapshots.subList(from + 1, to + 1)) {
        expected.addAll(rowsOf.get(between));
      }
      Scan scan = table.scan().at(snapshots.get(to)).appendedAfter(snapshots.get(from));
      if (to > from + 1 || !expected.isEmpty()) {
        assertThat(ids(scan)).as("%d to %d", from, to).isEqualTo(expected);
      }
      assertThat(scan.count()).isEqualTo(expected.size());
      assertThat(ids(scan.where("name = 'n1'").parallel(2)))
          .isEqualTo(expected.stream().filter(id -> id % 3 == 1).toList());
    }
  }

  @Test
  void theEndIsTheNewestSnapshotUnlessAnotherIsNamed() {
    append(2);
    long first = newest();
    List<Integer> second = append(3);
    assertThat(ids(table.scan().appendedAfter(first))).isEqualTo(second);
    assertThat(table.scan().at(first).appendedAfter(first).count()).isZero();
    assertThat(table.scan().appendedAfter(first).limit(2).toMaps()).hasSize(2);
    assertThat(table.scan().appendedAfter(first).schema()).isEqualTo(SCHEMA);
  }

  @Test
  void fromATime() throws InterruptedException {
    Instant before = Instant.now().minusSeconds(60);
    List<Integer> all = new ArrayList<>(append(2));
    Instant between = table.currentSnapshot().orElseThrow().timestamp();
    while (!Instant.now().isAfter(between.plusMillis(1))) {
      Thread.sleep(1);
    }
    List<Integer> second = append(2);
    all.addAll(second);
    assertThat(ids(table.scan().appendedAfter(between))).isEqualTo(second);
    assertThat(ids(table.scan().appendedAfter(between.toString()))).isEqualTo(second);
    assertThat(ids(table.scan().appendedAfter(before))).as("before the first").isEqualTo(all);
    assertThat(table.scan().appendedAfter(Instant.now().plusSeconds(60)).count()).isZero();
  }

  @Test
  void rowsThatWereOverwrittenCannotBeToldApart() {
    append(2);
    long first = newest();
    try (Transaction change = table.newTransaction()) {
      change.removeFiles(
          table.dataFiles(table.currentSnapshot().orElseThrow()).map(DataFile::location).toList());
      change.append(List.of(Map.of("id", 100))).commit();
    }
    long overwritten = newest();
    List<Integer> after = append(1);
    assertThatThrownBy(() -> table.scan().appendedAfter(first).count())
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining(String.valueOf(overwritten))
        .hasMessageContaining("overwrite");
    assertThat(ids(table.scan().appendedAfter(overwritten))).isEqualTo(after);
  }

  @Test
  void whatIsNoAncestorIsSaidSo() {
    append(1);
    long first = newest();
    append(1);
    long second = newest();
    assertThatThrownBy(() -> table.scan().at(first).appendedAfter(second).count())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no ancestor")
        .hasMessageContaining(String.valueOf(first));
    assertThatThrownBy(() -> table.scan().appendedAfter(12345).count())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("no snapshot 12345");
  }

  @Test
  void aTableIsFollowedPieceByPiece() {
    Following following = table.scan().follow();
    assertThat(following.poll()).as("nothing was appended yet").isEmpty();
    List<Integer> first = new ArrayList<>(append(2));
    first.addAll(append(1));
    Following.Piece piece = following.poll().orElseThrow();
    assertThat(ids(piece.rows())).isEqualTo(first);
    assertThat(piece.upTo().snapshotId()).isEqualTo(newest());
    assertThat(following.poll()).isEmpty();

    List<Integer> second = append(2);
    assertThat(ids(following.poll().orElseThrow().rows())).isEqualTo(second);
    removeOneFile(new Random(1));
    assertThat(following.poll()).as("rows that were removed are no new ones").isEmpty();
    List<Integer> third = append(1);
    assertThat(ids(following.poll().orElseThrow().rows())).isEqualTo(third);
    assertThat(ids(piece.rows())).as("read again").isEqualTo(first);
  }

  @Test
  void whoKeepsThePositionGoesOnThere() {
    append(2);
    Following.Piece piece = table.scan().follow().poll().orElseThrow();
    List<Integer> later = append(2);
    try (Table again = DataShard.loadTable(folder.resolve("t"))) {
      Following resumed = again.scan().where("id > 0").select("id").follow(piece.position());
      assertThat(ids(resumed.poll().orElseThrow().rows())).isEqualTo(later);
      assertThat(resumed.poll()).isEmpty();
    }
  }

  @Test
  void whatCommitsBesideIsSeenOnceAndInOrder() throws InterruptedException {
    Thread writer = new Thread(() -> IntStream.range(0, 100).forEach(i -> append(2)));
    writer.start();
    Following following = table.scan().follow();
    List<Integer> seen = new ArrayList<>();
    while (seen.size() < 200) {
      following.poll().ifPresent(piece -> seen.addAll(ids(piece.rows())));
    }
    writer.join();
    assertThat(seen).isEqualTo(IntStream.rangeClosed(1, 200).boxed().toList());
  }

  @Test
  void positionsOfOthersAreRefused() {
    append(1);
    String position = table.scan().follow().poll().orElseThrow().position();
    try (Table other = DataShard.createTable(folder.resolve("other"), SCHEMA)) {
      assertThatThrownBy(() -> other.scan().follow(position))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("another");
    }
    for (String wrong : List.of("x", "1:2:3", position + "0000000000000000000", "2" + position)) {
      assertThatThrownBy(() -> table.scan().follow(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no position");
    }
    Snapshot snapshot = table.currentSnapshot().orElseThrow();
    assertThatThrownBy(() -> table.scan().at(snapshot.snapshotId()).follow())
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> table.scan().limit(1).follow())
        .isInstanceOf(IllegalArgumentException.class);
  }
}
