package io.datashard.testkit.tables;

import static io.datashard.expr.Predicate.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.error.CorruptTableException;
import io.datashard.error.FilterException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Committed;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What a scan returns, whichever way it is asked, at whichever moment of the table's life. */
abstract class ScanTests extends TableTests {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.INT)
          .optional("name", Type.STRING)
          .optional("score", Type.DOUBLE)
          .build();

  private static Map<String, @Nullable Object> row(int i) {
    Map<String, @Nullable Object> row = new HashMap<>();
    row.put("id", i);
    row.put("name", i % 10 == 0 ? null : "name " + i % 100);
    row.put("score", i % 7 == 0 ? Double.NaN : i / 4.0);
    return row;
  }

  private static List<Map<String, @Nullable Object>> rows(int from, int to) {
    return IntStream.range(from, to).mapToObj(ScanTests::row).toList();
  }

  /** {@code files} appends of {@code each} rows, numbered through. */
  private Table table(int files, int each) {
    Table table = DataShard.on(location -> disk).createTable("t", SCHEMA);
    for (int i = 0; i < files; i++) {
      table.append(rows(i * each, (i + 1) * each));
    }
    return table;
  }

  private static List<Integer> ids(Scan scan) {
    return scan.toMaps().stream().map(r -> (Integer) r.get("id")).toList();
  }

  @Test
  void everyViewShowsTheSameRows() {
    try (Table table = table(5, 400)) {
      Scan scan = table.scan().where("id >= 300 and id < 1700 and name is not null");
      List<Map<String, @Nullable Object>> maps = scan.toMaps();
      assertThat(maps)
          .isEqualTo(rows(300, 1700).stream().filter(r -> r.get("name") != null).toList());
      for (Scan same : List.of(scan, scan.parallel(2), scan.parallel(8))) {
        assertThat(same.toMaps()).isEqualTo(maps);
        assertThat(same.count()).isEqualTo(maps.size());
        try (Stream<Map<String, @Nullable Object>> stream = same.stream()) {
          assertThat(stream.toList()).isEqualTo(maps);
        }
        List<Map<String, @Nullable Object>> byCursor = new ArrayList<>();
        try (RowCursor cursor = same.rows()) {
          while (cursor.next()) {
            Map<String, @Nullable Object> row = new HashMap<>();
            row.put("id", cursor.getInt("id"));
            row.put("name", cursor.getString(1));
            row.put("score", cursor.isNull("score") ? null : cursor.getDouble("score"));
            byCursor.add(row);
          }
          assertThat(cursor.next()).isFalse();
        }
        assertThat(byCursor).isEqualTo(maps);
        int inBatches = 0;
        for (int size : new int[] {1, 100, 350, 1_000_000}) {
          try (Batches batches = same.batches(size)) {
            inBatches = 0;
            for (Batch batch : batches) {
              assertThat(batch.rows()).isEqualTo(Math.min(size, maps.size() - inBatches));
              for (int i = 0; i < batch.rows(); i++) {
                Map<String, @Nullable Object> row = maps.get(inBatches++);
                assertThat(batch.column("id").value(i)).isEqualTo(row.get("id"));
                assertThat(batch.column("name").value(i)).isEqualTo(row.get("name"));
                assertThat(batch.column("score").value(i)).isEqualTo(row.get("score"));
              }
            }
          }
        }
        assertThat(inBatches).isEqualTo(maps.size());
      }
    }
  }

  @Test
  void columnsComeInTheOrderAskedFor() {
    try (Table table = table(1, 3)) {
      assertThat(table.scan().select("score", "id").toMaps().get(1).toString())
          .isEqualTo("{score=0.25, id=1}");
      assertThat(table.scan().select("name").where("id = 2").toMaps().toString())
          .isEqualTo("[{name=name 2}]");
      assertThatThrownBy(() -> table.scan().select("nope").toMaps())
          .isInstanceOf(FilterException.class)
          .hasMessageContaining("'nope'")
          .hasMessageContaining("id, name, score");
    }
  }

  @Test
  void filtersFromJavaAndFromText() {
    try (Table table = table(2, 50)) {
      assertThat(ids(table.scan().where(column("id").in(3, 60, 200)))).containsExactly(3, 60);
      assertThat(ids(table.scan().where("id in (3, 60, 200)"))).containsExactly(3, 60);
      assertThat(ids(table.scan().where(column("id").between(48, 51))))
          .containsExactly(48, 49, 50, 51);
      assertThat(ids(table.scan().where("name is null and id < 30"))).containsExactly(0, 10, 20);
      assertThat(ids(table.scan().where("not (name != 'name 5')"))).containsExactly(5);
      assertThat(ids(table.scan().where("name starts with 'name 1' and id > 11").limit(2)))
          .containsExactly(12, 13);
      assertThat(ids(table.scan().where("score is nan").limit(2))).containsExactly(0, 7);
      assertThat(ids(table.scan().where("id < 3").where("id > 0"))).containsExactly(1, 2);
    }
  }

  @Test
  void badFiltersAreErrorsBeforeAnythingIsRead() {
    try (Table table = table(1, 5)) {
      delete(dataFiles(table).get(0));
      for (String bad : List.of("nope = 1", "id = 'x'", "id = 1.5", "id ~ 3", "name > 3", "id =")) {
        assertThatThrownBy(() -> table.scan().where(bad).toMaps())
            .as(bad)
            .isInstanceOf(FilterException.class);
      }
    }
  }

  private static List<DataFile> dataFiles(Table table) {
    return table.dataFiles(table.currentSnapshot().orElseThrow()).toList();
  }

  private void delete(DataFile file) {
    disk.delete(keyOf(disk, file));
  }

  @Test
  void missingOrCutFilesAreErrorsThatNameThem() {
    try (Table table = table(3, 10)) {
      String second = keyOf(disk, dataFiles(table).get(1));
      byte[] content = disk.readWhole(second, -1);
      damage(second, Arrays.copyOf(content, content.length - 1));
      for (Scan scan : List.of(table.scan(), table.scan().parallel(3))) {
        assertThatThrownBy(scan::toMaps)
            .isInstanceOf(CorruptTableException.class)
            .hasMessageContaining(second);
      }
      disk.delete(second);
      assertThatThrownBy(() -> table.scan().toMaps()).hasMessageContaining(second);
      assertThat(ids(table.scan().where("id < 10"))).hasSize(10);
    }
  }

  @Test
  void limitOpensOnlyTheFilesItNeeds() {
    try (Table table = table(20, 10)) {
      List<DataFile> files = dataFiles(table);
      for (DataFile file : files.subList(1, files.size())) {
        delete(file);
      }
      assertThat(ids(table.scan().limit(10))).containsExactlyElementsOf(range(0, 10));
      assertThat(table.scan().limit(0).toMaps()).isEmpty();
      assertThat(table.scan().limit(7).count()).isEqualTo(7);
    }
  }

  private static List<Integer> range(int from, int to) {
    return IntStream.range(from, to).boxed().toList();
  }

  @Test
  void countsComeFromMetadataAlone() {
    try (Table table = table(4, 25)) {
      for (DataFile file : dataFiles(table)) {
        delete(file);
      }
      assertThat(table.scan().count()).isEqualTo(100);
      assertThat(table.scan().where("id < 50").count()).isEqualTo(50);
      assertThat(table.scan().where("id is null").count()).isZero();
    }
  }

  @Test
  void travelByIdAndByTime() throws InterruptedException {
    try (Table table = DataShard.on(location -> disk).createTable("t", SCHEMA)) {
      assertThatThrownBy(() -> table.snapshotAsOf(Instant.now()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no snapshot");
      List<Committed> commits = new ArrayList<>();
      List<Instant> times = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        commits.add(table.append(rows(i * 5, i * 5 + 5)));
        times.add(Instant.now());
        Thread.sleep(3);
      }
      for (int i = 0; i < 4; i++) {
        List<Integer> expected = range(0, i * 5 + 5);
        Scan scan = table.scan();
        assertThat(ids(scan.at(commits.get(i).snapshotId()))).isEqualTo(expected);
        assertThat(ids(scan.asOf(times.get(i)))).isEqualTo(expected);
        assertThat(ids(scan.asOf(times.get(i).toString()))).isEqualTo(expected);
        assertThat(scan.asOf(times.get(i).toEpochMilli()).count()).isEqualTo(expected.size());
        assertThat(scan.at(commits.get(i).snapshotId()).where("id >= 5").count())
            .isEqualTo(expected.size() - 5);
        assertThat(table.snapshot(commits.get(i).snapshotId()).sequenceNumber()).isEqualTo(i + 1);
      }
      try (Stream<Snapshot> all = table.snapshots()) {
        assertThat(all.map(Snapshot::snapshotId))
            .containsExactlyElementsOf(commits.stream().map(Committed::snapshotId).toList());
      }
      assertThatThrownBy(() -> table.scan().at(42).toMaps())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("no snapshot 42")
          .hasMessageContaining(String.valueOf(commits.get(3).snapshotId()));
      assertThatThrownBy(() -> table.scan().asOf("2001-01-01T00:00:00Z").count())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2001-01-01T00:00:00Z")
          .hasMessageContaining("first snapshot");
      assertThatThrownBy(() -> table.scan().asOf("yesterday").count())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("yesterday");
      assertThat(table.snapshotAsOf("2999-01-01").snapshotId())
          .isEqualTo(commits.get(3).snapshotId());
    }
  }

  @Test
  void manifestsAndDataFilesAreListed() {
    try (Table table = table(3, 10)) {
      Snapshot snapshot = table.currentSnapshot().orElseThrow();
      List<DataFile> files = new ArrayList<>();
      try (Stream<ManifestFile> manifests = table.manifests(snapshot)) {
        manifests.forEach(m -> files.addAll(table.dataFiles(m).toList()));
      }
      assertThat(files).isEqualTo(dataFiles(table)).hasSize(3);
      DataFile second = files.get(1);
      assertThat(second.recordCount()).isEqualTo(10);
      assertThat(second.lowerBound(SCHEMA.field("id"))).contains(10);
      assertThat(second.upperBound(SCHEMA.field("id"))).contains(19);
      assertThat(second.column(SCHEMA.field("name")).nullCount()).isEqualTo(1);
      assertThat(second.column(SCHEMA.field("score")).nanCount()).isEqualTo(1);
      assertThat(disk.find(keyOf(disk, second)).orElseThrow().length())
          .isEqualTo(second.fileSizeBytes());
    }
  }

  @Test
  void anOpenScanKeepsItsSnapshot() {
    try (Table table = table(2, 10);
        RowCursor cursor = table.scan().rows()) {
      cursor.next();
      table.append(rows(20, 30));
      int count = 1;
      while (cursor.next()) {
        count++;
      }
      assertThat(count).isEqualTo(20);
      assertThat(table.scan().count()).isEqualTo(30);
    }
  }

  @Test
  void otherHandlesSeeCommitsAtOnce() {
    try (Table writer = table(1, 10);
        Table reader = DataShard.on(location -> disk).loadTable("t")) {
      assertThat(reader.scan().count()).isEqualTo(10);
      writer.append(rows(10, 20));
      assertThat(reader.scan().count()).isEqualTo(20);
    }
  }

  @Test
  void wrongUseOfACursorIsSaid() {
    try (Table table = table(1, 11);
        RowCursor cursor = table.scan().rows()) {
      assertThatThrownBy(() -> cursor.getInt("id"))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("next()");
      cursor.next();
      assertThatThrownBy(() -> cursor.getLong("name"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'name'");
      assertThatThrownBy(() -> cursor.getInstant("id"))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(cursor.isNull("name")).isTrue();
      assertThat(cursor.getString("name")).isNull();
      assertThatThrownBy(() -> cursor.getInt("nope")).hasMessageContaining("'nope'");
    }
  }
}
