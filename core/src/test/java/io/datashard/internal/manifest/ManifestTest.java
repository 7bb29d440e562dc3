package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableByteArrayInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;

/** What is written into a manifest is read from it, by us and by Avro's own library. */
class ManifestTest {
  private static final int ROUNDS = 300;
  private static final long SNAPSHOT = 77;
  private static final long SEQUENCE = 9;
  private static final String LOCATION = "file:///lake/metadata/m0.avro";

  private static final Schema SCHEMA =
      Schema.builder().required("id", Type.LONG).optional("day", Type.DATE).build();

  @Test
  void whatIsWrittenIsRead() throws Exception {
    for (long seed = 0; seed < ROUNDS; seed++) {
      RandomManifests random = new RandomManifests(seed);
      Schema schema = random.schema();
      PartitionSpec spec = random.spec(schema);
      List<ManifestEntry> entries = random.entries(schema, spec, random.random().nextInt(20));

      WrittenManifest written = ManifestWriter.write(schema, spec, SNAPSHOT, entries);

      byte[] bytes = RandomManifests.bytes(written.content());
      ManifestFile from = written.summary().at(LOCATION, SEQUENCE);
      PartitionTypes types = PartitionTypes.of(List.of(spec), List.of(schema));
      List<String> expected =
          entries.stream()
              .map(e -> known(RandomManifests.inherited(e, SNAPSHOT, SEQUENCE), null))
              .toList();
      List<String> read =
          RandomManifests.show(RandomManifests.read(bytes, from, types, EntryFields.ALL));
      assertThat(read).as("seed %d", seed).isEqualTo(expected);
      assertThat(from.lengthBytes()).as("seed %d", seed).isEqualTo(bytes.length);
      assertCounts(from, entries, seed);
      assertAvroAgrees(bytes, entries, seed);
    }
  }

  private static void assertCounts(ManifestFile from, List<ManifestEntry> entries, long seed) {
    Map<ManifestEntry.Status, long[]> sums = new TreeMap<>();
    for (ManifestEntry.Status status : ManifestEntry.Status.values()) {
      sums.put(status, new long[2]);
    }
    long lowest = SEQUENCE;
    for (ManifestEntry entry : entries) {
      sums.get(entry.status())[0]++;
      sums.get(entry.status())[1] += entry.file().recordCount();
      if (entry.isLive() && entry.sequenceNumber() != null) {
        lowest = Math.min(lowest, entry.sequenceNumber());
      }
    }
    long[] added = sums.get(ManifestEntry.Status.ADDED);
    long[] existing = sums.get(ManifestEntry.Status.EXISTING);
    long[] deleted = sums.get(ManifestEntry.Status.DELETED);
    assertThat(from.counts())
        .as("seed %d", seed)
        .isEqualTo(
            new ManifestFile.Counts(
                (int) added[0],
                (int) existing[0],
                (int) deleted[0],
                added[1],
                existing[1],
                deleted[1]));
    assertThat(from.minSequenceNumber()).as("seed %d", seed).isEqualTo(lowest);
  }

  /** Paths, rows and status by Avro's own reader; iceberg-core compares the rest in testkit. */
  private static void assertAvroAgrees(byte[] bytes, List<ManifestEntry> entries, long seed)
      throws Exception {
    List<String> read = new ArrayList<>();
    try (DataFileReader<GenericRecord> avro =
        new DataFileReader<>(new SeekableByteArrayInput(bytes), new GenericDatumReader<>())) {
      for (GenericRecord entry : avro) {
        GenericRecord file = (GenericRecord) entry.get("data_file");
        read.add(
            entry.get("status")
                + " "
                + entry.get("snapshot_id")
                + " "
                + entry.get("sequence_number")
                + " "
                + file.get("file_path")
                + " "
                + file.get("record_count")
                + " "
                + file.get("split_offsets"));
      }
      assertThat(avro.getMetaString("format-version")).isEqualTo("2");
      assertThat(avro.getMetaString("content")).isEqualTo("data");
    }
    List<String> expected = new ArrayList<>();
    for (ManifestEntry entry : entries) {
      DataFile file = entry.file();
      List<Long> offsets = file.metrics().splitOffsets();
      expected.add(
          entry.status().ordinal()
              + " "
              + (entry.snapshotId() == null ? (Long) SNAPSHOT : entry.snapshotId())
              + " "
              + entry.sequenceNumber()
              + " "
              + file.location()
              + " "
              + file.recordCount()
              + " "
              + (offsets.isEmpty() ? null : offsets));
    }
    assertThat(read).as("seed %d", seed).isEqualTo(expected);
  }

  /** The entry as text, with the metrics that a reader of these columns gets; null for all. */
  private static String known(ManifestEntry entry, Set<Integer> columns) {
    Map<Integer, ColumnMetrics> kept = new LinkedHashMap<>();
    entry
        .file()
        .metrics()
        .columns()
        .forEach(
            (id, metrics) -> {
              if (!metrics.equals(ColumnMetrics.UNKNOWN)
                  && (columns == null || columns.contains(id))) {
                kept.put(id, metrics);
              }
            });
    DataFile file = entry.file();
    FileMetrics metrics =
        new FileMetrics(
            file.recordCount(), file.fileSizeBytes(), kept, file.metrics().splitOffsets());
    return RandomManifests.show(
        new ManifestEntry(
            entry.status(),
            entry.snapshotId(),
            entry.sequenceNumber(),
            entry.fileSequenceNumber(),
            new DataFile(
                file.location(),
                file.format(),
                file.specId(),
                file.partition(),
                metrics,
                file.sortOrderId())));
  }

  @Test
  void onlyTheMetricsAskedForAreRead() {
    for (long seed = 0; seed < 50; seed++) {
      RandomManifests random = new RandomManifests(seed);
      Schema schema = random.schema();
      PartitionSpec spec = random.spec(schema);
      List<ManifestEntry> entries = random.entries(schema, spec, 5);
      WrittenManifest written = ManifestWriter.write(schema, spec, SNAPSHOT, entries);
      byte[] bytes = RandomManifests.bytes(written.content());
      ManifestFile from = written.summary().at(LOCATION, SEQUENCE);
      PartitionTypes types = PartitionTypes.of(List.of(spec), List.of(schema));
      Set<Integer> some = new HashSet<>();
      schema.fields().forEach(f -> some.add(f.id() % 2 == 0 ? f.id() : 1_000_000));
      for (Set<Integer> columns : List.of(Set.<Integer>of(), some)) {
        assertThat(
                RandomManifests.show(
                    RandomManifests.read(bytes, from, types, EntryFields.metricsOf(columns))))
            .as("seed %d", seed)
            .isEqualTo(
                entries.stream()
                    .map(e -> known(RandomManifests.inherited(e, SNAPSHOT, SEQUENCE), columns))
                    .toList());
      }
    }
  }

  @Test
  void aLargeManifestIsWrittenInCompressedBlocks() throws Exception {
    RandomManifests random = new RandomManifests(5);
    Schema schema = random.schema();
    PartitionSpec spec = random.spec(schema);
    List<ManifestEntry> entries = random.entries(schema, spec, 3_000);
    ManifestWriter writer = ManifestWriter.of(schema, spec, SNAPSHOT);
    entries.forEach(writer::add);
    WrittenManifest written = writer.finish();
    ManifestFile from = written.summary().at(LOCATION, SEQUENCE);

    byte[] bytes = RandomManifests.bytes(written.content());
    PartitionTypes types = PartitionTypes.of(List.of(spec), List.of(schema));
    assertThat(RandomManifests.show(RandomManifests.read(bytes, from, types, EntryFields.ALL)))
        .isEqualTo(
            entries.stream()
                .map(e -> known(RandomManifests.inherited(e, SNAPSHOT, SEQUENCE), null))
                .toList());
    try (DataFileReader<GenericRecord> avro =
        new DataFileReader<>(new SeekableByteArrayInput(bytes), new GenericDatumReader<>())) {
      assertThat(avro.getMetaString("avro.codec")).isEqualTo("deflate");
      avro.next();
      assertThat(avro.getBlockCount()).isLessThan(entries.size());
    }
    assertThat(bytes)
        .isEqualTo(
            RandomManifests.bytes(ManifestWriter.write(schema, spec, SNAPSHOT, entries).content()));
  }

  @Test
  void summariesBoundThePartitionValues() {
    Schema schema =
        Schema.builder()
            .optional("s", Type.STRING)
            .optional("d", Type.DOUBLE)
            .optional("u", Type.UUID)
            .optional("n", Type.LONG)
            .build();
    Transform identity = Transform.parse("identity");
    PartitionSpec spec =
        new PartitionSpec(
            1,
            List.of(
                new PartitionField(1, 1000, "s", identity),
                new PartitionField(2, 1001, "d", identity),
                new PartitionField(3, 1002, "u", identity),
                new PartitionField(4, 1003, "n", Transform.parse("void"))));
    UUID high = new UUID(9, 0);
    UUID low = new UUID(1, 0);
    List<ManifestEntry> entries = new ArrayList<>();
    Object[][] tuples = {
      {"\uD83D\uDE00", -0.0, low, null}, {"\uFFFF", 0.0, high, null}, {"a", Double.NaN, low, null}
    };
    for (Object[] tuple : tuples) {
      entries.add(ManifestEntry.added(file(spec, Arrays.asList(tuple))));
    }

    List<ManifestFile.PartitionSummary> found =
        ManifestWriter.write(schema, spec, SNAPSHOT, entries).summary().partitions();

    // The emoji has the lower Java chars and the higher UTF-8 bytes.
    assertThat(found.get(0).lower()).isEqualTo(bound(Type.STRING, "a"));
    assertThat(found.get(0).upper()).isEqualTo(bound(Type.STRING, "\uD83D\uDE00"));
    assertThat(found.get(0).containsNull()).isFalse();
    assertThat(found.get(1).lower()).isEqualTo(bound(Type.DOUBLE, -0.0));
    assertThat(found.get(1).upper()).isEqualTo(bound(Type.DOUBLE, 0.0));
    assertThat(found.get(1).containsNan()).isTrue();
    assertThat(found.get(2).lower()).isEqualTo(bound(Type.UUID, low));
    assertThat(found.get(2).upper()).isEqualTo(bound(Type.UUID, high));
    assertThat(found.get(3).containsNull()).isTrue();
    assertThat(found.get(3).containsNan()).isFalse();
    assertThat(found.get(3).lower()).isNull();
    assertThat(found.get(3).upper()).isNull();

    // Which of these two uuids is the lower one, engines do not agree.
    entries.add(ManifestEntry.added(file(spec, Arrays.asList("a", 1.0, new UUID(-1, 0), null))));
    assertThat(ManifestWriter.write(schema, spec, SNAPSHOT, entries).summary().partitions())
        .isEmpty();
  }

  private static ByteBuffer bound(Type type, Object value) {
    return ByteBuffer.wrap(SingleValue.toBytes(type, value));
  }

  private static DataFile file(PartitionSpec spec, List<Object> partition) {
    return new DataFile(
        "file:///lake/data/a.parquet",
        "PARQUET",
        spec.id(),
        partition,
        new FileMetrics(1, 2, Map.of(), List.of()),
        null);
  }

  @Test
  void anEntryThatDoesNotFitIsRefusedAndLeavesNothing() {
    PartitionSpec spec =
        new PartitionSpec(
            3, List.of(new PartitionField(2, 1000, "day", Transform.parse("identity"))));
    ManifestEntry good = ManifestEntry.added(file(spec, Collections.singletonList(null)));
    ManifestWriter writer = ManifestWriter.of(SCHEMA, spec, SNAPSHOT);
    writer.add(good);

    assertThatThrownBy(() -> writer.add(good.asExisting()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "file:///lake/data/a.parquet is EXISTING without sequence numbers; only ADDED files"
                + " inherit them.");
    assertThatThrownBy(() -> writer.add(ManifestEntry.added(file(spec, List.of("monday")))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("date cannot hold String 'monday'");
    assertThatThrownBy(
            () -> writer.add(ManifestEntry.added(file(PartitionSpec.UNPARTITIONED, List.of()))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 0 partition values of spec 0; the manifest is for spec 3");

    WrittenManifest written = writer.finish();
    ManifestFile from = written.summary().at(LOCATION, SEQUENCE);
    assertThat(from.counts().addedFiles()).isEqualTo(1);
    PartitionTypes types = PartitionTypes.of(List.of(spec), List.of(SCHEMA));
    assertThat(
            RandomManifests.read(
                RandomManifests.bytes(written.content()), from, types, EntryFields.ALL))
        .hasSize(1);
    assertThatThrownBy(() -> writer.add(good)).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void onlyAddedFilesInheritSequenceNumbers() {
    ManifestEntry entry = ManifestEntry.added(file(PartitionSpec.UNPARTITIONED, List.of()));
    ManifestEntry kept = new ManifestEntry(ManifestEntry.Status.EXISTING, 5L, 2L, 3L, entry.file());
    WrittenManifest written =
        ManifestWriter.write(
            SCHEMA, PartitionSpec.UNPARTITIONED, SNAPSHOT, List.of(entry, kept, kept.asDeleted(6)));
    PartitionTypes types = PartitionTypes.of(List.of(PartitionSpec.UNPARTITIONED), List.of(SCHEMA));
    ManifestFile from = written.summary().at(LOCATION, 41);

    List<ManifestEntry> read =
        RandomManifests.read(
            RandomManifests.bytes(written.content()), from, types, EntryFields.ALL);

    assertThat(read.get(0).snapshotId()).isEqualTo(SNAPSHOT);
    assertThat(read.get(0).sequenceNumber()).isEqualTo(41);
    assertThat(read.get(0).fileSequenceNumber()).isEqualTo(41);
    assertThat(read.get(1)).isEqualTo(kept);
    assertThat(read.get(2)).isEqualTo(kept.asDeleted(6));
    assertThat(from.minSequenceNumber()).isEqualTo(2);
  }

  @Test
  void aManifestThatIsNotTheOneMeantIsRefused() {
    DataFile file = file(PartitionSpec.UNPARTITIONED, List.of());
    WrittenManifest written =
        ManifestWriter.write(
            SCHEMA, PartitionSpec.UNPARTITIONED, SNAPSHOT, List.of(ManifestEntry.added(file)));
    byte[] bytes = RandomManifests.bytes(written.content());
    ManifestFile from = written.summary().at(LOCATION, SEQUENCE);
    PartitionTypes types = PartitionTypes.of(List.of(PartitionSpec.UNPARTITIONED), List.of(SCHEMA));

    assertThatThrownBy(
            () ->
                RandomManifests.read(
                    Arrays.copyOf(bytes, bytes.length - 1), from, types, EntryFields.ALL))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage(
            "m0.avro has %d bytes, but the manifest list recorded %d.",
            bytes.length - 1, bytes.length);
    ManifestSummary two =
        new ManifestSummary(
            bytes.length, 0, SNAPSHOT, new ManifestFile.Counts(1, 1, 0, 1, 1, 0), null, List.of());
    assertThatThrownBy(
            () -> RandomManifests.read(bytes, two.at(LOCATION, 1), types, EntryFields.ALL))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage("m0.avro lists 1 live files, but the manifest list recorded 2.");
    assertThatThrownBy(
            () ->
                RandomManifests.read(
                    bytes, from, PartitionTypes.of(List.of(), List.of()), EntryFields.ALL))
        .isInstanceOf(CorruptTableException.class)
        .hasMessage("m0.avro follows partition spec 0, which the table does not have.");
    ManifestFile deletes =
        new ManifestFile(
            LOCATION,
            bytes.length,
            0,
            ManifestFile.Content.DELETES,
            1,
            1,
            SNAPSHOT,
            from.counts(),
            List.of());
    assertThatThrownBy(() -> RandomManifests.read(bytes, deletes, types, EntryFields.ALL))
        .isInstanceOf(UnsupportedTableException.class)
        .hasMessageStartingWith("m0.avro lists delete files");
  }

  @Test
  void aSmallManifestIsSmall() {
    ManifestEntry entry = ManifestEntry.added(file(PartitionSpec.UNPARTITIONED, List.of()));
    WrittenManifest written =
        ManifestWriter.write(SCHEMA, PartitionSpec.UNPARTITIONED, SNAPSHOT, List.of(entry));
    assertThat(written.content().remaining()).isLessThan(3_600);
  }
}
