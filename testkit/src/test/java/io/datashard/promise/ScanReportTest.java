package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.RowCursor;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.DataFile;
import io.datashard.table.ScanReport;
import io.datashard.testkit.CountingStorage;
import io.datashard.testkit.MemoryStorage;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What scans say of themselves is what was asked of the storage, and what the files hold. */
class ScanReportTest {
  private static final String MANIFESTS = "metadata/manifests/.*";
  private static final String DATA = "data/.*";
  private static final int GROUP_ROWS = 20_000;

  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .required("status", Type.STRING)
          .optional("payload", Type.STRING)
          .build();

  private final CountingStorage storage = new CountingStorage(new MemoryStorage());

  private Table create(String... properties) {
    var made = DataShard.on(location -> storage).newTable("t", SCHEMA);
    for (int i = 0; i < properties.length; i += 2) {
      made = made.property(properties[i], properties[i + 1]);
    }
    return made.create();
  }

  private static List<Map<String, Object>> rows(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(
            i ->
                Map.<String, Object>of(
                    "id",
                    (long) i,
                    "status",
                    i % 2 == 0 ? "failed" : "ok",
                    "payload",
                    Integer.toHexString(i * 0x9e3779b9) + Integer.toHexString(~i * 0x85ebca6b)))
        .toList();
  }

  private static long bytesOf(Table table, String... columns) {
    try (Stream<DataFile> files = table.dataFiles(table.currentSnapshot().orElseThrow())) {
      return files
          .flatMap(file -> Stream.of(columns).map(name -> file.column(SCHEMA.field(name))))
          .mapToLong(known -> known.sizeBytes())
          .sum();
    }
  }

  private static ScanReport read(Scan scan) {
    try (Batches batches = scan.batches()) {
      for (Batch batch : batches) {
        assertThat(batch.rows()).isPositive();
      }
      return batches.report();
    }
  }

  @Test
  void aSecondPlanReadsNoManifest() {
    try (Table table = create()) {
      for (int i = 0; i < 4; i++) {
        table.append(rows(10 * i, 10 * i + 10));
      }
    }
    try (Table table = DataShard.on(location -> storage).loadTable("t")) {
      storage.clear();
      ScanReport first = table.scan().where("id >= 15 and id < 20").explain();
      assertThat(first.manifests().filesRead()).isEqualTo((int) storage.opened(MANIFESTS));
      assertThat(first.manifests().bytesRead()).isEqualTo(storage.bytes(MANIFESTS));
      assertThat(first.manifests().total()).isEqualTo(4);
      assertThat(storage.opened(MANIFESTS)).as("a list and its manifests").isEqualTo(5);
      assertThat(first.files()).isEqualTo(new ScanReport.Files(4, 0, 3, bytes(table, 1), 1));
      assertThat(first.files().left()).isEqualTo(1);

      storage.clear();
      ScanReport second = table.scan().where("id = 25").explain();
      assertThat(second.manifests()).isEqualTo(new ScanReport.Manifests(4, 0, 0, 0));
      assertThat(storage.opened(MANIFESTS)).isZero();
      assertThat(table.scan().where("status = 'ok'").count()).isEqualTo(20);
      assertThat(storage.opened(MANIFESTS)).as("other columns").isZero();
    }
  }

  /** The bytes of the n-th file. */
  private static long bytes(Table table, int number) {
    try (Stream<DataFile> files = table.dataFiles(table.currentSnapshot().orElseThrow())) {
      List<DataFile> all = files.toList();
      return all.stream()
          .filter(file -> file.lowerBound(SCHEMA.field("id")).orElseThrow().equals(10L * number))
          .findFirst()
          .orElseThrow()
          .fileSizeBytes();
    }
  }

  @Test
  void allColumnsOfAllRowsAreAllBytesOfTheColumns() {
    try (Table table = create()) {
      table.append(rows(0, 60_000));
      for (String[] columns :
          new String[][] {{"id", "status", "payload"}, {"payload"}, {"status", "id"}}) {
        storage.clear();
        ScanReport report = table.scan().select(columns).explain();
        assertThat(report.bytes().toRead()).isEqualTo(bytesOf(table, columns));
        assertThat(report.bytes().read()).isEqualTo(storage.bytes(DATA));
        assertThat(report.pages().left()).isEqualTo(report.pages().total());

        storage.clear();
        ScanReport after = read(table.scan().select(columns));
        assertThat(after.bytes().read()).isEqualTo(storage.bytes(DATA));
        assertThat(after.bytes().toRead()).isEqualTo(-1);
        assertThat(after.pages()).isEqualTo(report.pages());
        assertThat(after.rowGroups()).isEqualTo(report.rowGroups());
        assertThat(after.files()).isEqualTo(report.files());
      }
    }
  }

  @Test
  void rowGroupsAndPagesAreSkippedByBoundsAndIndex() {
    try (Table table =
        create(
            "write.parquet.row-group-size-bytes", "200000",
            "write.parquet.page-size-bytes", "8192")) {
      table.append(rows(0, 5 * GROUP_ROWS));
      ScanReport all = table.scan().explain();
      long groups = all.rowGroups().total();
      assertThat(groups).isGreaterThan(2);
      assertThat(all.rowGroups()).isEqualTo(new ScanReport.RowGroups(groups, 0, 0, 0, 0));

      Scan few = table.scan().where("id >= 30000 and id < 30010");
      storage.clear();
      ScanReport report = few.explain();
      assertThat(report.bytes().read()).isEqualTo(storage.bytes(DATA));
      assertThat(report.rowGroups())
          .isEqualTo(new ScanReport.RowGroups(groups, groups - 1, 0, 0, 0));
      assertThat(report.pages().total()).isGreaterThan(10).isLessThan(all.pages().total());
      assertThat(report.pages().left()).as("one or two of each column").isBetween(3L, 6L);
      assertThat(report.pages().skippedOtherwise()).isZero();
      assertThat(report.bytes().toRead()).isPositive().isLessThan(all.bytes().toRead() / 20);
      assertThat(report.bytes().read())
          .as("footer and indexes, but no data page")
          .isLessThan(all.bytes().toRead() / 5);

      storage.clear();
      ScanReport after = read(few);
      assertThat(after.bytes().read()).isEqualTo(storage.bytes(DATA));
      assertThat(after.rowGroups()).isEqualTo(report.rowGroups());
      assertThat(after.pages().total()).isEqualTo(report.pages().total());
      assertThat(after.pages().skippedByPageIndex()).isEqualTo(report.pages().skippedByPageIndex());

      for (int threads : new int[] {1, 4}) {
        storage.clear();
        ScanReport half = read(few.parallel(threads).limit(5));
        assertThat(half.bytes().read()).isEqualTo(storage.bytes(DATA));
      }
    }
  }

  @Test
  void aDictionaryWithoutTheValueSkipsItsRowGroup() {
    try (Table table = create()) {
      table.append(rows(0, 60_000));
      storage.clear();
      ScanReport report = table.scan().where("status = 'lost'").explain();
      assertThat(report.bytes().read()).isEqualTo(storage.bytes(DATA));
      assertThat(report.rowGroups().skippedByDictionary()).isEqualTo(report.rowGroups().total());
      assertThat(report.rowGroups().left()).isZero();
      assertThat(report.bytes().toRead()).isZero();
      assertThat(report.pages().total()).isZero();
      ScanReport after = read(table.scan().where("status = 'lost'"));
      assertThat(after.rowGroups()).isEqualTo(report.rowGroups());
    }
  }

  @Test
  void partitionsSkipFilesAndWholeManifests() {
    try (Table table =
        DataShard.on(location -> storage).newTable("t", SCHEMA).partitionedBy("status").create()) {
      table.append(rows(0, 10)); // one file of each status
      table.append(List.of(Map.of("id", 100L, "status", "ok")));
      ScanReport report = table.scan().where("status = 'failed'").explain();
      assertThat(report.manifests().total()).isEqualTo(2);
      assertThat(report.manifests().skipped()).isEqualTo(1);
      assertThat(report.files().total()).isEqualTo(3);
      assertThat(report.files().skippedByPartition()).isEqualTo(2);
      assertThat(report.files().left()).isEqualTo(1);
    }
  }

  @Test
  void aLimitEndsTheLookAround() {
    try (Table table = create()) {
      table.append(rows(0, 10));
      table.append(rows(10, 20));
      ScanReport report = table.scan().limit(5).explain();
      assertThat(report.limitReached()).isTrue();
      assertThat(report.files().total()).isEqualTo(1);
      ScanReport none = table.scan().where("false").explain();
      assertThat(none.files()).isEqualTo(new ScanReport.Files(0, 0, 0, 0, 0));
    }
  }

  @Test
  void aCursorTellsTheSame() {
    try (Table table = create()) {
      table.append(rows(0, 1_000));
      storage.clear();
      ScanReport report;
      try (RowCursor rows = table.scan().where("id >= 500").rows()) {
        int count = 0;
        while (rows.next()) {
          count++;
        }
        assertThat(count).isEqualTo(500);
        report = rows.report();
      }
      assertThat(report.files().opened()).isEqualTo(1);
      assertThat(report.bytes().read()).isEqualTo(storage.bytes(DATA));
    }
  }
}
