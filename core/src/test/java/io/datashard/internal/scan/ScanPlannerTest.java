package io.datashard.internal.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Bound.Facts;
import io.datashard.expr.Predicate;
import io.datashard.internal.manifest.EntryFields;
import io.datashard.internal.manifest.ManifestEntry;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A plan leads to every wanted row, to few others, and never past a damaged file. */
class ScanPlannerTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .optional("n", Type.LONG)
          .optional("day", Type.DATE)
          .optional("s", Type.STRING)
          .build();

  private static final Field N = SCHEMA.field("n");
  private static final Field S = SCHEMA.field("s");

  @TempDir private Path folder;
  private SmallTable table;

  @BeforeEach
  void create() {
    table = new SmallTable(storage("t"), SCHEMA, PartitionSpec.UNPARTITIONED);
  }

  private Storage storage(String name) {
    return LocalStore.of(folder).at(folder.resolve(name));
  }

  private static Bound bind(String filter) {
    return Predicate.parse(filter).bind(SCHEMA);
  }

  private DataFile file(String name, long rows, long from, long to) {
    return table.file(name, rows, List.of(), Map.of(N, new Facts(rows, 0, -1, from, to)));
  }

  private static List<String> keys(FilePlan plan) {
    return plan.files().stream().map(FileTask::key).toList();
  }

  @Test
  void filesComeInManifestOrderWithWhatIsLeftToAsk() {
    table.manifest(file("a", 10, 0, 9), file("b", 10, 10, 19)).manifest(file("c", 10, 20, 29));
    FilePlan plan = ScanPlanner.plan(table.open(), bind("n >= 15 and s = 'x'"), -1);
    assertThat(keys(plan)).containsExactly("data/b", "data/c");
    assertThat(plan.files().get(0).residual()).isEqualTo(bind("n >= 15 and s = 'x'"));
    assertThat(plan.files().get(1).residual()).isEqualTo(bind("s = 'x'"));
    assertThat(plan.counts()).isEqualTo(new FilePlan.Counts(2, 0, 3, 0, 0, 1, false));
  }

  @Test
  void aTableWithoutSnapshotHasNoFiles() {
    SnapshotFiles none = SnapshotFiles.of(table.storage, table.metadata, null, table.cache);
    assertThat(ScanPlanner.plan(none, bind("true"), -1).files()).isEmpty();
    assertThat(none.files(EntryFields.ALL)).isEmpty();
  }

  @Test
  void aCountIsTakenFromMetadataWhereItIsCertain() {
    table.manifest(file("a", 10, 0, 9), file("b", 10, 10, 19), file("c", 10, 20, 29));
    CountPlan count = ScanPlanner.count(table.open(), bind("n >= 15"));
    assertThat(count.certainRows()).isEqualTo(10);
    assertThat(count.filesToLookInto()).extracting(FileTask::key).containsExactly("data/b");
    assertThat(ScanPlanner.count(table.open(), bind("true")).certainRows()).isEqualTo(30);
    assertThat(ScanPlanner.count(table.open(), bind("false")).certainRows()).isZero();
  }

  @Test
  void aLimitEndsPlanningAsSoonAsRowsAreCertain() {
    for (int i = 0; i < 1_000; i += 100) {
      DataFile[] files = new DataFile[100];
      for (int j = 0; j < 100; j++) {
        files[j] = file("f" + (i + j), 10, i + j, i + j);
      }
      table.manifest(files);
    }
    SnapshotFiles snapshot = table.open();
    table.storage.delete("metadata/m1.avro"); // never looked at

    FilePlan plan = ScanPlanner.plan(snapshot, bind("true"), 10);
    assertThat(keys(plan)).containsExactly("data/f0");
    assertThat(plan.counts().limitReached()).isTrue();
    assertThat(keys(ScanPlanner.plan(snapshot, bind("true"), 11))).hasSize(2);
    assertThat(keys(ScanPlanner.plan(snapshot, bind("n >= 50"), 10))).containsExactly("data/f50");
    assertThat(keys(ScanPlanner.plan(snapshot, bind("true"), 0))).isEmpty();
    assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("s = 'x'"), 10))
        .isInstanceOf(CorruptTableException.class); // no file is certain, so all are needed
  }

  @Test
  void aFilterThatKeepsNoRowReadsNoManifest() {
    table.manifest(file("a", 10, 0, 9));
    SnapshotFiles snapshot = table.open();
    table.storage.delete("metadata/m0.avro");
    assertThat(ScanPlanner.plan(snapshot, bind("false and n = 1"), -1).files()).isEmpty();
    assertThat(ScanPlanner.count(snapshot, bind("n in ()")).certainRows()).isZero();
  }

  @Test
  void deletedEntriesAreNotRead() {
    DataFile gone = file("gone", 10, 0, 9);
    table.manifest(
        List.of(
            new ManifestEntry(ManifestEntry.Status.DELETED, 6L, 1L, 1L, gone),
            new ManifestEntry(ManifestEntry.Status.EXISTING, 6L, 1L, 1L, file("kept", 5, 0, 9))));
    SnapshotFiles snapshot = table.open();
    assertThat(keys(ScanPlanner.plan(snapshot, bind("true"), -1))).containsExactly("data/kept");
    assertThat(snapshot.files(EntryFields.ALL))
        .extracting(DataFile::recordCount)
        .containsExactly(5L);
  }

  @Test
  void partitionsLeaveOutManifestsAndFiles() {
    PartitionSpec byText =
        new PartitionSpec(
            0,
            List.of(
                new PartitionField(N.id(), 1000, "n_bucket", Transform.parse("bucket[4]")),
                new PartitionField(S.id(), 1001, "s", Transform.parse("identity"))));
    table = new SmallTable(storage("p"), SCHEMA, byText);
    // 1 belongs into bucket 0.
    table.manifest(partitioned("a", 3, "a"), partitioned("c", 0, "c"));
    table.manifest(partitioned("d", 0, "d"), partitioned("null", 1, null));
    SnapshotFiles snapshot = table.open();

    FilePlan plan = ScanPlanner.plan(snapshot, bind("s = 'c' and n = 1"), -1);
    assertThat(keys(plan)).containsExactly("data/c");
    assertThat(plan.files().get(0).residual()).isEqualTo(bind("n = 1"));
    assertThat(plan.counts()).isEqualTo(new FilePlan.Counts(2, 1, 2, 2, 1, 0, false));
    assertThat(keys(ScanPlanner.plan(snapshot, bind("s is null"), -1)))
        .containsExactly("data/null");
    assertThat(ScanPlanner.count(snapshot, bind("s is not null")).certainRows()).isEqualTo(30);
    assertThat(ScanPlanner.count(snapshot, bind("not s = 'a'")).certainRows()).isEqualTo(20);
    assertThat(keys(ScanPlanner.plan(snapshot, bind("n = 1"), -1)))
        .containsExactly("data/c", "data/d");
    assertThat(keys(ScanPlanner.plan(snapshot, bind("n != 1"), -1))).hasSize(4);
  }

  private DataFile partitioned(String name, int bucket, @Nullable String value) {
    return table.file(name, 10, Arrays.asList(bucket, value), Map.of());
  }

  @Test
  void emptyFilesAndContradictoryMetricsAreNoTrap() {
    table.manifest(
        table.file("empty", 0, List.of(), Map.of()),
        // As many nulls as there are values, but not as many as there are rows.
        table.file("odd", 10, List.of(), Map.of(N, new Facts(5, 5, -1, null, null))),
        table.file("more", 10, List.of(), Map.of(N, new Facts(10, 11, -1, 1L, 1L))));
    FilePlan plan = ScanPlanner.plan(table.open(), bind("n = 3"), -1);
    assertThat(keys(plan)).containsExactly("data/odd", "data/more");
    assertThat(keys(ScanPlanner.plan(table.open(), bind("true"), -1)))
        .containsExactly("data/odd", "data/more");
  }

  @Test
  void aTextBoundCutInsideACharacterIsNoBound() {
    byte[] cut = Arrays.copyOf("é".getBytes(StandardCharsets.UTF_8), 1);
    table.manifest(withBounds(S, cut, cut));
    assertThat(keys(ScanPlanner.plan(table.open(), bind("s = 'é'"), -1))).hasSize(1);
  }

  private DataFile withBounds(Field field, byte[] lower, byte[] upper) {
    ColumnMetrics column =
        new ColumnMetrics(-1, 10, 0, -1, ByteBuffer.wrap(lower), ByteBuffer.wrap(upper));
    return new DataFile(
        Locations.of(table.storage.location(), "data/x"),
        "PARQUET",
        0,
        List.of(),
        new FileMetrics(10, 1_000, Map.of(field.id(), column), List.of()),
        null);
  }

  @Test
  void aBoundThatIsNoValueNamesManifestFileAndColumn() {
    table.manifest(withBounds(N, new byte[3], new byte[8]));
    SnapshotFiles snapshot = table.open();
    assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("n = 3"), -1))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("metadata/m0.avro")
        .hasMessageContaining("data/x")
        .hasMessageContaining("column 'n': 3 bytes are no value of type long");
    assertThat(keys(ScanPlanner.plan(snapshot, bind("true"), -1))).hasSize(1);
  }

  @Test
  void aFileListedTwiceIsAnError() {
    table.manifest(file("a", 10, 0, 9)).manifest(file("b", 10, 0, 9), file("a", 10, 0, 9));
    assertThatThrownBy(() -> ScanPlanner.plan(table.open(), bind("true"), -1))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("data/a is listed twice")
        .hasMessageContaining("m0.avro")
        .hasMessageContaining("m1.avro");
    assertThatThrownBy(() -> ScanPlanner.count(table.open(), bind("true")))
        .isInstanceOf(CorruptTableException.class);
  }

  @Test
  void filesOutsideTheTableAreNotRead() { // I8
    DataFile inside = file("a", 10, 0, 9);
    for (String outside :
        List.of(
            "file:///etc/passwd",
            table.storage.location() + "/../other/data/a",
            table.storage.location() + "x/data/a")) {
      SmallTable other =
          new SmallTable(storage("o" + outside.length()), SCHEMA, PartitionSpec.UNPARTITIONED);
      other.manifest(new DataFile(outside, "PARQUET", 0, List.of(), inside.metrics(), null));
      SnapshotFiles snapshot = other.open();
      assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("true"), -1))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("names a file outside the table: " + outside);
    }
  }

  @Test
  void otherFormatsAreRefusedByName() {
    DataFile a = file("a", 10, 0, 9);
    table.manifest(new DataFile(a.location(), "ORC", 0, List.of(), a.metrics(), null));
    SnapshotFiles snapshot = table.open();
    assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("true"), -1))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageContaining("data/a has the format ORC");
  }

  @Test
  void aMissingOrCutManifestIsNamed() { // I5
    table.manifest(file("a", 10, 0, 9)).manifest(file("b", 10, 0, 9));
    SnapshotFiles snapshot = table.open();
    byte[] whole = table.storage.readWhole("metadata/m1.avro", -1);
    table.storage.delete("metadata/m1.avro");
    assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("true"), -1))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("The manifest")
        .hasMessageContaining("metadata/m1.avro is missing");
    for (int length = 0; length < whole.length; length += 13) {
      table.storage.delete("metadata/m1.avro");
      table.put("metadata/m1.avro", ByteBuffer.wrap(whole, 0, length));
      assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("true"), -1))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("m1.avro");
    }
  }

  @Test
  void anotherNumberOfEntriesOrRowsThanTheListSaysIsAnError() { // I5
    table.manifest(file("a", 10, 0, 9));
    ManifestFile real = table.manifests.get(0);
    for (ManifestFile.Counts wrong :
        List.of(
            new ManifestFile.Counts(2, 0, 0, 10, 0, 0),
            new ManifestFile.Counts(1, 0, 0, 11, 0, 0),
            new ManifestFile.Counts(1, 0, 0, 0, 9, 0))) {
      table.manifests.set(0, withCounts(real, wrong));
      SnapshotFiles snapshot = table.open();
      assertThatThrownBy(() -> ScanPlanner.plan(snapshot, bind("true"), -1))
          .isInstanceOf(CorruptTableException.class)
          .hasMessageContaining("m0.avro");
    }
  }

  private static ManifestFile withCounts(ManifestFile manifest, ManifestFile.Counts counts) {
    return new ManifestFile(
        manifest.location(),
        manifest.lengthBytes(),
        manifest.specId(),
        manifest.content(),
        manifest.sequenceNumber(),
        manifest.minSequenceNumber(),
        manifest.addedSnapshotId(),
        counts,
        manifest.partitions());
  }

  @Test
  void aListOfFewerFilesThanTheSnapshotHasIsAnError() { // I5
    table.manifest(file("a", 10, 0, 9));
    assertThatThrownBy(() -> table.open(Map.of("total-data-files", "2")))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("lists manifests of 1 data files, but snapshot 7 has 2");
    assertThat(table.open(Map.of("total-data-files", "1")).manifests()).hasSize(1);
    assertThat(table.open(Map.of("total-data-files", "none")).manifests()).hasSize(1);
  }

  @Test
  void aMissingManifestListIsNamed() {
    table.manifest(file("a", 10, 0, 9));
    table.open();
    String list = table.storage.list("metadata", "snap-").stream().findFirst().orElseThrow().key();
    table.storage.delete(list);
    var snapshot =
        new Snapshot(7, null, 1, 0, Locations.of(table.storage.location(), list), 0, Map.of());
    assertThatThrownBy(
            () -> SnapshotFiles.of(table.storage, table.metadata, snapshot, new FileCache(0)))
        .isInstanceOf(CorruptTableException.class)
        .hasMessageContaining("The manifest list")
        .hasMessageContaining(list + " is missing. Snapshot 7 of ");
  }

  @Test
  void aManifestIsReadOnceWhileTheCacheKeepsIt() {
    table.manifest(file("a", 10, 0, 9));
    SnapshotFiles snapshot = table.open();
    FilePlan first = ScanPlanner.plan(snapshot, bind("true"), -1);
    table.storage.delete("metadata/m0.avro");
    assertThat(ScanPlanner.plan(snapshot, bind("true"), -1)).isEqualTo(first);
  }

  @Test
  void aMovedTableIsRead() {
    table.manifest(file("a", 10, 0, 9));
    table.open();
    assertThat(folder.resolve("t").toFile().renameTo(folder.resolve("moved").toFile())).isTrue();
    Storage moved = storage("moved");
    String list = moved.list("metadata", "snap-").get(0).key();
    var snapshot =
        new Snapshot(7, null, 1, 0, Locations.of(table.storage.location(), list), 0, Map.of());
    SnapshotFiles files = SnapshotFiles.of(moved, table.metadata, snapshot, new FileCache(0));
    assertThat(keys(ScanPlanner.plan(files, bind("true"), -1))).containsExactly("data/a");
  }
}
