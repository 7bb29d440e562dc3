package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.internal.metadata.SnapshotRef;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadataJson;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.SortOrder;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.PartitionSummary;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Metadata, manifest lists and manifests: Iceberg's own library reads ours, and we read its. */
class IcebergCoreTest {
  private static final String LOCATION = "file:///lake/t";
  private static final UUID UUID_HIGH = UUID.fromString("ffffffff-0000-4000-8000-000000000001");
  private static final UUID UUID_LOW = UUID.fromString("01900000-0000-7000-8000-000000000001");

  private static final Type FIXED = Type.fixed(3);

  /** Each type with values that are easily got wrong, the highest and lowest first. */
  private static final Map<Type, List<Object>> VALUES = new java.util.LinkedHashMap<>();

  static {
    VALUES.put(Type.BOOLEAN, List.of(true, false));
    VALUES.put(Type.INT, List.of(Integer.MAX_VALUE, Integer.MIN_VALUE, -1));
    VALUES.put(Type.LONG, List.of(Long.MAX_VALUE, Long.MIN_VALUE, 64L));
    VALUES.put(Type.FLOAT, List.of(1.5f, -0f, 0f, Float.NaN));
    VALUES.put(Type.DOUBLE, List.of(Double.MAX_VALUE, -0.0, 0.0, Double.NaN));
    VALUES.put(
        Type.decimal(9, 2),
        List.of(new BigDecimal("9999999.99"), new BigDecimal("-0.01"), new BigDecimal("0.00")));
    VALUES.put(
        Type.decimal(38, 10),
        List.of(
            new BigDecimal(BigInteger.TEN.pow(38).subtract(BigInteger.ONE), 10),
            new BigDecimal(BigInteger.ONE, 10)));
    VALUES.put(Type.DATE, List.of(LocalDate.of(2024, 2, 29), LocalDate.of(1969, 12, 31)));
    VALUES.put(Type.TIME, List.of(LocalTime.of(23, 59, 59, 999_999_000), LocalTime.MIDNIGHT));
    VALUES.put(
        Type.TIMESTAMP,
        List.of(LocalDateTime.of(2024, 2, 29, 1, 2, 3, 4_000), LocalDateTime.of(1901, 1, 1, 0, 0)));
    VALUES.put(
        Type.TIMESTAMPTZ,
        List.of(
            Instant.parse("2024-02-29T01:02:03.000004Z"), Instant.parse("1901-01-01T00:00:00Z")));
    VALUES.put(Type.STRING, List.of("\uD83D\uDE00", "\uFFFF", "", "a/b = c"));
    VALUES.put(Type.UUID, List.of(UUID_LOW, new UUID(Long.MAX_VALUE, -2)));
    VALUES.put(FIXED, List.of(new byte[] {-1, 0, 1}, new byte[3]));
    VALUES.put(Type.BINARY, List.of(new byte[] {-1}, new byte[0], new byte[20]));
  }

  private static final Schema SCHEMA = schema();
  private static final io.datashard.schema.PartitionSpec SPEC = spec();

  private static Schema schema() {
    List<Field> fields = new ArrayList<>();
    VALUES.forEach(
        (type, values) -> fields.add(new Field(fields.size() + 1, "c " + type, type, false, null)));
    return Schema.of(0, fields, Set.of());
  }

  /**
   * Identity of every column but the fixed one: Iceberg 1.12 writes and reads fixed partition
   * values as bytes with a length, against its own spec and Avro's.
   */
  private static io.datashard.schema.PartitionSpec spec() {
    List<PartitionField> fields = new ArrayList<>();
    for (Field field : SCHEMA.fields()) {
      if (field.type() == FIXED) {
        continue;
      }
      fields.add(
          new PartitionField(
              field.id(), 1000 + fields.size(), "p " + field.name(), Transform.parse("identity")));
    }
    int next = 1000 + fields.size();
    int decimal = 6;
    fields.add(new PartitionField(decimal, next, "again", Transform.parse("truncate[10]")));
    fields.add(new PartitionField(8, next + 1, "day", Transform.parse("day")));
    fields.add(new PartitionField(2, next + 2, "bucket", Transform.parse("bucket[8]")));
    return new io.datashard.schema.PartitionSpec(0, fields);
  }

  private static List<Object> tuple(int i) {
    List<Object> tuple = new ArrayList<>();
    VALUES.forEach(
        (type, values) -> {
          if (type != FIXED) {
            tuple.add(pick(values, i));
          }
        });
    tuple.add(pick(VALUES.get(Type.decimal(9, 2)), i + 1));
    tuple.add(pick(VALUES.get(Type.DATE), i + 1));
    tuple.add(i % 8);
    return tuple;
  }

  /** Every value in turn, then null. */
  private static Object pick(List<Object> values, int i) {
    int place = i % (values.size() + 1);
    return place == values.size() ? null : values.get(place);
  }

  private static io.datashard.table.DataFile file(int i) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    for (Field field : SCHEMA.fields()) {
      List<Object> values = VALUES.get(field.type());
      // Uuids have a test of their own: theyFindUuidsByOurBounds.
      Object bound = field.type() == Type.UUID ? null : pick(values, i + field.id());
      ByteBuffer bytes =
          bound == null ? null : ByteBuffer.wrap(SingleValue.toBytes(field.type(), bound));
      boolean floating = field.type() == Type.FLOAT || field.type() == Type.DOUBLE;
      columns.put(
          field.id(), new ColumnMetrics(100 + i, 10, i % 3, floating ? i : -1, bytes, bytes));
    }
    return new io.datashard.table.DataFile(
        LOCATION + "/data/é " + i + ".parquet",
        "PARQUET",
        0,
        tuple(i),
        new FileMetrics(10 + i, 1_000L + i, columns, List.of(4L, 500L)),
        0);
  }

  /** Our table: two snapshots, the second keeps, adds and removes files. */
  private static InMemoryFileIO ourTable() {
    InMemoryFileIO files = new InMemoryFileIO();
    List<ManifestEntry> first = new ArrayList<>();
    IntStream.range(0, 40).forEach(i -> first.add(ManifestEntry.added(file(i))));
    ManifestFile m0 = put(files, "m0.avro", ManifestWriter.write(SCHEMA, SPEC, 11, first), 1);
    put(files, "l1.avro", ManifestListWriter.write(11, null, 1, List.of(m0), Map.of("k", "v")));

    List<ManifestEntry> second = new ArrayList<>();
    second.add(ManifestEntry.added(file(100)));
    ManifestEntry kept = new ManifestEntry(ManifestEntry.Status.EXISTING, 11L, 1L, 1L, file(3));
    second.add(kept);
    second.add(
        new ManifestEntry(ManifestEntry.Status.EXISTING, 11L, 1L, 1L, file(4)).asDeleted(12));
    ManifestFile m1 = put(files, "m1.avro", ManifestWriter.write(SCHEMA, SPEC, 12, second), 2);
    put(files, "l2.avro", ManifestListWriter.write(12, 11L, 2, List.of(m0, m1), Map.of()));

    TableMetadata metadata =
        TableMetadata.create(UUID_HIGH, LOCATION, SCHEMA, SPEC, Map.of("k", "v"), 5).toBuilder()
            .addSnapshot(snapshot(11, null, 1, "l1.avro"))
            .addSnapshot(snapshot(12, 11L, 2, "l2.avro"))
            .addMetadataLog(
                new TableMetadata.MetadataLogEntry(6, LOCATION + "/metadata/v1.metadata.json"), 9)
            .build();
    put(files, "v2.metadata.json", TableMetadataJson.write(metadata));
    return files;
  }

  private static Snapshot snapshot(long id, Long parent, long sequenceNumber, String list) {
    return new Snapshot(
        id,
        parent,
        sequenceNumber,
        1_700_000_000_000L + sequenceNumber,
        LOCATION + "/metadata/" + list,
        0,
        Map.of("operation", "append"));
  }

  private static ManifestFile put(
      InMemoryFileIO files, String name, WrittenManifest manifest, long sequenceNumber) {
    byte[] bytes = new byte[manifest.content().remaining()];
    manifest.content().get(bytes);
    put(files, name, bytes);
    return manifest.summary().at(LOCATION + "/metadata/" + name, sequenceNumber);
  }

  private static void put(InMemoryFileIO files, String name, byte[] bytes) {
    files.addFile(LOCATION + "/metadata/" + name, bytes);
  }

  private static Table open(FileIO files, String name) {
    return new BaseTable(
        new StaticTableOperations(LOCATION + "/metadata/" + name, files), "datashard");
  }

  @Test
  void theyReadOurEntries() throws IOException {
    InMemoryFileIO files = ourTable();
    Table table = open(files, "v2.metadata.json");

    List<String> read = new ArrayList<>();
    for (org.apache.iceberg.ManifestFile manifest : table.snapshot(11).dataManifests(files)) {
      try (ManifestReader<org.apache.iceberg.DataFile> reader =
          ManifestFiles.read(manifest, files, table.specs())) {
        reader.forEach(file -> read.add(show(file)));
      }
    }
    List<String> expected = new ArrayList<>();
    IntStream.range(0, 40).forEach(i -> expected.add(show(file(i), 1)));
    assertThat(read).isEqualTo(expected);

    Set<String> planned = new java.util.TreeSet<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> planned.add(task.file().location()));
    }
    Set<String> live = new java.util.TreeSet<>(Set.of(file(100).location(), file(3).location()));
    IntStream.range(0, 40).forEach(i -> live.add(file(i).location()));
    assertThat(planned).isEqualTo(live);
  }

  @Test
  void theyReadOurManifestList() throws IOException {
    InMemoryFileIO files = ourTable();
    Table table = open(files, "v2.metadata.json");
    List<org.apache.iceberg.ManifestFile> theirs = table.currentSnapshot().dataManifests(files);
    List<ManifestFile> ours =
        ManifestListReader.read(bytes(files, LOCATION + "/metadata/l2.avro"), "l2").manifests();
    assertThat(theirs.stream().map(IcebergCoreTest::show).toList())
        .isEqualTo(ours.stream().map(IcebergCoreTest::show).toList());
    assertThat(ours.get(1).counts()).isEqualTo(new ManifestFile.Counts(1, 1, 1, 110, 13, 14));
    assertThat(ours.get(1).minSequenceNumber()).isEqualTo(1);
    assertThat(ours.get(0).partitions()).hasSize(SPEC.fields().size());
  }

  /** Their summaries over the same tuples are the oracle of ours. */
  @Test
  void ourSummariesAreTheirs() throws IOException {
    try (InMemoryCatalog catalog = catalog()) {
      Table table = theirTable(catalog, 2);
      byte[] list = bytes(table.io(), table.currentSnapshot().manifestListLocation());
      ManifestFile theirs = ManifestListReader.read(list, "their list").manifests().get(0);
      List<ManifestEntry> entries = new ArrayList<>();
      IntStream.range(0, 40).forEach(i -> entries.add(ManifestEntry.added(file(i))));
      ManifestFile ours = ManifestWriter.write(SCHEMA, SPEC, 1, entries).summary().at("m", 1);
      List<String> expected = theirs.partitions().stream().map(IcebergCoreTest::show).toList();
      assertThat(ours.partitions().stream().map(IcebergCoreTest::show).toList())
          .isEqualTo(expected);
    }
  }

  @Test
  void theyReadOurMetadata() {
    InMemoryFileIO files = ourTable();
    org.apache.iceberg.TableMetadata read =
        TableMetadataParser.read(files, LOCATION + "/metadata/v2.metadata.json");
    assertThat(read.formatVersion()).isEqualTo(2);
    assertThat(read.uuid()).isEqualTo(UUID_HIGH.toString());
    assertThat(read.location()).isEqualTo(LOCATION);
    assertThat(read.lastColumnId()).isEqualTo(SCHEMA.size());
    assertThat(read.schema().sameSchema(SchemaParser.fromJson(SCHEMA.toJson()))).isTrue();
    assertThat(read.spec().fields()).hasSize(SPEC.fields().size());
    assertThat(read.lastAssignedPartitionId()).isEqualTo(1001 + SCHEMA.size());
    assertThat(read.currentSnapshot().snapshotId()).isEqualTo(12);
    assertThat(read.currentSnapshot().parentId()).isEqualTo(11);
    assertThat(read.lastSequenceNumber()).isEqualTo(2);
    assertThat(read.properties()).containsEntry("k", "v");
    assertThat(read.snapshotLog()).hasSize(2);
    assertThat(read.previousFiles()).hasSize(1);
    assertThat(read.refs()).containsOnlyKeys("main");
  }

  @Test
  void theyReadOurEmptyTable() throws IOException {
    InMemoryFileIO files = new InMemoryFileIO();
    TableMetadata empty =
        TableMetadata.create(
            UUID_HIGH,
            LOCATION,
            SCHEMA,
            io.datashard.schema.PartitionSpec.UNPARTITIONED,
            Map.of(),
            5);
    put(files, "v1.metadata.json", TableMetadataJson.write(empty));
    Table table = open(files, "v1.metadata.json");
    assertThat(table.currentSnapshot()).isNull();
    assertThat(table.spec().isUnpartitioned()).isTrue();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      assertThat(tasks).isEmpty();
    }
  }

  /** Their order of uuids is not Parquet's; bounds that hold in one order only lose rows. */
  @Test
  void theyFindUuidsByOurBounds() throws IOException {
    Schema schema = Schema.builder().required("u", Type.UUID).build();
    io.datashard.schema.PartitionSpec byUuid =
        new io.datashard.schema.PartitionSpec(
            0, List.of(new PartitionField(1, 1000, "u", Transform.parse("identity"))));
    java.util.Random random = new java.util.Random(7);
    for (int round = 0; round < 200; round++) {
      // A few halves, so that equal ones and both signs are common.
      long[] halves = {0, -1, 1, Long.MIN_VALUE, Long.MAX_VALUE, random.nextLong()};
      List<UUID> values = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        values.add(new UUID(halves[random.nextInt(6)], halves[random.nextInt(6)]));
      }
      byte[][] bytes = values.stream().map(Values::bytes).toArray(byte[][]::new);
      Arrays.sort(bytes, Arrays::compareUnsigned);
      ColumnMetrics metrics =
          new ColumnMetrics(
              -1, 4, 0, -1, ByteBuffer.wrap(bytes[0]), ByteBuffer.wrap(bytes[bytes.length - 1]));
      // One table after the other: all their in-memory stores are one.
      io.datashard.table.DataFile whole =
          uuidFile("a", io.datashard.schema.PartitionSpec.UNPARTITIONED, null, metrics);
      InMemoryFileIO files =
          uuidTable(
              schema,
              io.datashard.schema.PartitionSpec.UNPARTITIONED,
              List.of(ManifestEntry.added(whole)));
      for (UUID value : values) {
        assertThat(find(files, value)).as("round %d: %s in %s", round, value, values).contains("a");
      }
      files =
          uuidTable(
              schema,
              byUuid,
              values.stream()
                  .map(u -> uuidFile(u.toString(), byUuid, u, ColumnMetrics.UNKNOWN))
                  .map(ManifestEntry::added)
                  .toList());
      for (UUID value : values) {
        assertThat(find(files, value))
            .as("round %d: %s in %s", round, value, values)
            .contains(value.toString());
      }
    }
  }

  private static io.datashard.table.DataFile uuidFile(
      String name, io.datashard.schema.PartitionSpec spec, UUID value, ColumnMetrics metrics) {
    return new io.datashard.table.DataFile(
        name,
        "PARQUET",
        spec.id(),
        spec.fields().isEmpty() ? List.of() : List.of(value),
        new FileMetrics(4, 100, Map.of(1, metrics), List.of()),
        null);
  }

  private static InMemoryFileIO uuidTable(
      Schema schema, io.datashard.schema.PartitionSpec spec, List<ManifestEntry> entries) {
    InMemoryFileIO files = new InMemoryFileIO();
    ManifestFile manifest =
        put(files, "m0.avro", ManifestWriter.write(schema, spec, 11, entries), 1);
    put(files, "l1.avro", ManifestListWriter.write(11, null, 1, List.of(manifest), Map.of()));
    TableMetadata metadata =
        TableMetadata.create(UUID_HIGH, LOCATION, schema, spec, Map.of(), 5).toBuilder()
            .addSnapshot(snapshot(11, null, 1, "l1.avro"))
            .build();
    put(files, "v2.metadata.json", TableMetadataJson.write(metadata));
    return files;
  }

  private static List<String> find(FileIO files, UUID value) throws IOException {
    List<String> found = new ArrayList<>();
    Table table = open(files, "v2.metadata.json");
    try (CloseableIterable<FileScanTask> tasks =
        table
            .newScan()
            .filter(org.apache.iceberg.expressions.Expressions.equal("u", value))
            .planFiles()) {
      tasks.forEach(task -> found.add(task.file().location()));
    }
    return found;
  }

  private static InMemoryCatalog catalog() {
    InMemoryCatalog catalog = new InMemoryCatalog();
    catalog.initialize("test", Map.of());
    catalog.createNamespace(Namespace.of("ns"));
    return catalog;
  }

  /** Their table of the same schema and spec: 40 files appended, then one, then one removed. */
  private static Table theirTable(InMemoryCatalog catalog, int formatVersion) {
    org.apache.iceberg.Schema schema = SchemaParser.fromJson(SCHEMA.toJson());
    PartitionSpec.Builder spec = PartitionSpec.builderFor(schema);
    for (Field field : SCHEMA.fields()) {
      if (field.type() == FIXED) {
        continue;
      }
      spec.identity(field.name(), "p " + field.name());
    }
    spec.truncate(SCHEMA.field(5).name(), 10, "again");
    spec.day(SCHEMA.field(7).name(), "day");
    spec.bucket(SCHEMA.field(1).name(), 8, "bucket");
    Table table =
        catalog
            .buildTable(TableIdentifier.of("ns", "t"), schema)
            .withPartitionSpec(spec.build())
            .withProperty("format-version", Integer.toString(formatVersion))
            .create();
    org.apache.iceberg.AppendFiles append = table.newFastAppend();
    IntStream.range(0, 40).forEach(i -> append.appendFile(theirs(file(i), table.spec())));
    append.commit();
    return table;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void weReadTheirTable(int formatVersion) throws IOException {
    try (InMemoryCatalog catalog = catalog()) {
      Table table = theirTable(catalog, formatVersion);
      table.newAppend().appendFile(theirs(file(50), table.spec())).commit();
      table.newDelete().deleteFile(file(7).location()).commit();
      table.manageSnapshots().createTag("kept", table.currentSnapshot().snapshotId()).commit();
      table
          .updateSchema()
          .addColumn("late", org.apache.iceberg.types.Types.LongType.get())
          .commit();

      String location = ((BaseTable) table).operations().current().metadataFileLocation();
      TableMetadata read = TableMetadataJson.parse(bytes(table.io(), location), location);
      assertThat(read.formatVersion()).isEqualTo(formatVersion);
      assertThat(read.schemas()).hasSize(2);
      assertThat(read.schema().names()).endsWith("late").hasSize(SCHEMA.size() + 1);
      assertThat(read.spec()).isEqualTo(SPEC);
      assertThat(read.refs().get("kept").kind()).isEqualTo(SnapshotRef.Kind.TAG);
      assertThat(read.snapshots()).hasSize(3);
      assertThat(read.metadataLog()).isNotEmpty();

      Map<String, Long> expected = new TreeMap<>();
      IntStream.range(0, 40)
          .filter(i -> i != 7)
          .forEach(i -> expected.put(show(file(i), formatVersion == 1 ? 0 : 1), 1L));
      expected.put(show(file(50), formatVersion == 1 ? 0 : 2), 1L);
      Map<String, Long> live = new TreeMap<>();
      Snapshot current = read.currentSnapshot().orElseThrow();
      PartitionTypes types = PartitionTypes.of(read.specs(), read.schemas());
      byte[] list = bytes(table.io(), current.manifestList());
      for (ManifestFile manifest : ManifestListReader.read(list, "list").manifests()) {
        io.datashard.internal.manifest.ManifestReader.read(
            bytes(table.io(), manifest.location()),
            manifest.location(),
            manifest,
            types,
            EntryFields.ALL,
            entry -> {
              if (entry.isLive()) {
                live.merge(show(entry.file(), entry.sequenceNumber()), 1L, Long::sum);
              }
            });
      }
      assertThat(live).isEqualTo(expected);
    }
  }

  /** Their metadata, read and written by us, says the same to them. */
  @Test
  void theirMetadataSurvivesUs() throws IOException {
    try (InMemoryCatalog catalog = catalog()) {
      Table table = theirTable(catalog, 2);
      table.replaceSortOrder().asc(SCHEMA.field(0).name()).commit();
      table.manageSnapshots().createBranch("b", table.currentSnapshot().snapshotId()).commit();
      org.apache.iceberg.TableMetadata before = ((BaseTable) table).operations().current();
      byte[] ours =
          TableMetadataJson.write(
              TableMetadataJson.parse(
                  bytes(table.io(), before.metadataFileLocation()), "their metadata"));
      org.apache.iceberg.TableMetadata after =
          TableMetadataParser.fromJson(new String(ours, StandardCharsets.UTF_8));
      assertThat(TableMetadataParser.toJson(after)).isEqualTo(TableMetadataParser.toJson(before));
    }
  }

  private static byte[] bytes(FileIO files, String location) throws IOException {
    try (org.apache.iceberg.io.SeekableInputStream in = files.newInputFile(location).newStream()) {
      return in.readAllBytes();
    }
  }

  private static org.apache.iceberg.DataFile theirs(
      io.datashard.table.DataFile file, PartitionSpec spec) {
    Map<Integer, Long> sizes = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    Map<Integer, Long> nans = new HashMap<>();
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    file.metrics()
        .columns()
        .forEach(
            (id, metrics) -> {
              sizes.put(id, metrics.sizeBytes());
              values.put(id, metrics.valueCount());
              nulls.put(id, metrics.nullCount());
              if (metrics.nanCount() >= 0) {
                nans.put(id, metrics.nanCount());
              }
              if (metrics.lowerBytes() != null) {
                lower.put(id, ByteBuffer.wrap(metrics.lowerBytes()));
                upper.put(id, ByteBuffer.wrap(metrics.upperBytes()));
              }
            });
    return DataFiles.builder(spec)
        .withPath(file.location())
        .withFormat("PARQUET")
        .withPartition(new Tuple(file.partition().toArray()))
        .withFileSizeInBytes(file.fileSizeBytes())
        .withMetrics(new Metrics(file.recordCount(), sizes, values, nulls, nans, lower, upper))
        .withSplitOffsets(file.metrics().splitOffsets())
        .build();
  }

  /** A partition tuple as their library holds it. */
  private record Tuple(Object[] values) implements StructLike {
    @Override
    public int size() {
      return values.length;
    }

    @Override
    public <T> T get(int place, Class<T> type) {
      return type.cast(internal(values[place]));
    }

    @Override
    public <T> void set(int place, T value) {
      throw new UnsupportedOperationException();
    }
  }

  private static Object internal(Object value) {
    if (value instanceof LocalDate date) {
      return Values.days(date);
    }
    if (value instanceof LocalTime time) {
      return Values.micros(time);
    }
    if (value instanceof LocalDateTime time) {
      return Values.micros(time);
    }
    if (value instanceof Instant time) {
      return Values.micros(time);
    }
    return value instanceof byte[] bytes ? ByteBuffer.wrap(bytes) : value;
  }

  private static String show(io.datashard.table.DataFile file, Long sequenceNumber) {
    return show(file, sequenceNumber.longValue());
  }

  private static String show(io.datashard.table.DataFile file, long sequenceNumber) {
    StringBuilder text = new StringBuilder();
    text.append(file.location()).append(' ').append(file.recordCount()).append(' ');
    text.append(file.fileSizeBytes()).append(' ').append(file.metrics().splitOffsets());
    text.append(' ').append(sequenceNumber).append(" (");
    file.partition().forEach(value -> text.append(text(internal(value))).append(", "));
    text.append(')');
    new TreeMap<>(file.metrics().columns())
        .forEach(
            (id, metrics) ->
                text.append(' ')
                    .append(id)
                    .append('=')
                    .append(metrics.sizeBytes())
                    .append('/')
                    .append(metrics.valueCount())
                    .append('/')
                    .append(metrics.nullCount())
                    .append('/')
                    .append(metrics.nanCount())
                    .append('/')
                    .append(text(metrics.lower()))
                    .append('/')
                    .append(text(metrics.upper())));
    return text.toString();
  }

  private static String show(org.apache.iceberg.DataFile file) {
    StringBuilder text = new StringBuilder();
    text.append(file.location()).append(' ').append(file.recordCount()).append(' ');
    text.append(file.fileSizeInBytes()).append(' ').append(file.splitOffsets());
    text.append(' ').append(file.dataSequenceNumber()).append(" (");
    for (int i = 0; i < file.partition().size(); i++) {
      text.append(text(file.partition().get(i, Object.class))).append(", ");
    }
    text.append(')');
    for (int id : new java.util.TreeSet<>(file.valueCounts().keySet())) {
      text.append(' ')
          .append(id)
          .append('=')
          .append(file.columnSizes().get(id))
          .append('/')
          .append(file.valueCounts().get(id))
          .append('/')
          .append(file.nullValueCounts().get(id))
          .append('/')
          .append(file.nanValueCounts().getOrDefault(id, -1L))
          .append('/')
          .append(text(file.lowerBounds().get(id)))
          .append('/')
          .append(text(file.upperBounds().get(id)));
    }
    return text.toString();
  }

  private static String text(Object value) {
    if (value instanceof ByteBuffer buffer) {
      byte[] bytes = new byte[buffer.remaining()];
      buffer.duplicate().get(bytes);
      return "x" + HexFormat.of().formatHex(bytes);
    }
    return String.valueOf(value);
  }

  private static String show(ManifestFile manifest) {
    ManifestFile.Counts counts = manifest.counts();
    return manifest.location()
        + Arrays.asList(
            manifest.lengthBytes(),
            manifest.specId(),
            manifest.sequenceNumber(),
            manifest.minSequenceNumber(),
            manifest.addedSnapshotId(),
            counts.addedFiles(),
            counts.existingFiles(),
            counts.deletedFiles(),
            counts.addedRows(),
            counts.existingRows(),
            counts.deletedRows(),
            manifest.partitions().stream().map(IcebergCoreTest::show).toList());
  }

  private static String show(PartitionSummary summary) {
    return summary.containsNull()
        + "/"
        + summary.containsNan()
        + "/"
        + text(summary.lower())
        + "/"
        + text(summary.upper());
  }

  private static String show(org.apache.iceberg.ManifestFile manifest) {
    return manifest.path()
        + Arrays.asList(
            manifest.length(),
            manifest.partitionSpecId(),
            manifest.sequenceNumber(),
            manifest.minSequenceNumber(),
            manifest.snapshotId(),
            manifest.addedFilesCount(),
            manifest.existingFilesCount(),
            manifest.deletedFilesCount(),
            manifest.addedRowsCount(),
            manifest.existingRowsCount(),
            manifest.deletedRowsCount(),
            manifest.partitions().stream()
                .map(
                    one ->
                        one.containsNull()
                            + "/"
                            + one.containsNaN()
                            + "/"
                            + text(one.lowerBound())
                            + "/"
                            + text(one.upperBound()))
                .toList());
  }

  /** What a table is created with is what Iceberg's own library understands. */
  @Test
  void partitionsAndOrderOfANewTable() {
    Schema schema =
        Schema.builder().required(7, "ts", Type.TIMESTAMPTZ).optional(3, "n", Type.LONG).build();
    TableMetadata ours =
        TableMetadata.create(
            UUID_HIGH,
            LOCATION,
            schema,
            io.datashard.schema.PartitionSpec.of(
                schema, List.of("day(ts)", "bucket(16, n)", "truncate(10, n)", "n", "void(ts)")),
            SortOrder.of(schema, List.of("ts desc", "bucket(4, n) nulls last")),
            Map.of(),
            5);
    byte[] json = TableMetadataJson.write(ours);
    org.apache.iceberg.TableMetadata theirs =
        TableMetadataParser.fromJson(new String(json, StandardCharsets.UTF_8));
    org.apache.iceberg.Schema columns = SchemaParser.fromJson(schema.toJson());
    assertThat(theirs.spec())
        .isEqualTo(
            PartitionSpec.builderFor(columns)
                .day("ts")
                .bucket("n", 16)
                .truncate("n", 10)
                .identity("n")
                .alwaysNull("ts")
                .build());
    assertThat(theirs.lastAssignedPartitionId()).isEqualTo(1004);
    assertThat(theirs.sortOrder().orderId()).isEqualTo(1);
    assertThat(
            theirs
                .sortOrder()
                .sameOrder(
                    org.apache.iceberg.SortOrder.builderFor(columns)
                        .desc("ts", org.apache.iceberg.NullOrder.NULLS_LAST)
                        .asc(
                            org.apache.iceberg.expressions.Expressions.bucket("n", 4),
                            org.apache.iceberg.NullOrder.NULLS_LAST)
                        .build()))
        .as("%s", theirs.sortOrder())
        .isTrue();
    TableMetadata back = TableMetadataJson.parse(json, "v1");
    assertThat(back.spec()).isEqualTo(ours.spec());
    assertThat(back.sortOrder()).isEqualTo(ours.sortOrder());
  }
}
