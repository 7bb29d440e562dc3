package io.datashard.internal.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SingleValue;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import io.datashard.table.ManifestFile.PartitionSummary;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Random schemas, specs and entries of every type, all from one seed; and their text form. */
final class RandomManifests {
  static final List<Type> TYPES =
      List.of(
          Type.BOOLEAN,
          Type.INT,
          Type.LONG,
          Type.FLOAT,
          Type.DOUBLE,
          Type.decimal(1, 0),
          Type.decimal(9, 2),
          Type.decimal(18, 18),
          Type.decimal(38, 10),
          Type.DATE,
          Type.TIME,
          Type.TIMESTAMP,
          Type.TIMESTAMPTZ,
          Type.STRING,
          Type.UUID,
          Type.fixed(1),
          Type.fixed(20),
          Type.BINARY);

  private static final String[] TEXTS = {
    "", "a", "status", "ü", "日本", "\uD83D\uDE00", "\u0000", "x".repeat(300), "a/b=c d%", "\uFFFF"
  };

  private final Random random;

  RandomManifests(long seed) {
    random = new Random(seed);
  }

  Random random() {
    return random;
  }

  /** One to 24 columns of any type; names that Avro would not allow. */
  Schema schema() {
    List<Field> fields = new ArrayList<>();
    int id = 0;
    for (int i = 0; i <= random.nextInt(24); i++) {
      id += 1 + random.nextInt(3);
      Type type = TYPES.get(random.nextInt(TYPES.size()));
      String name = new String[] {"c", "1 a-", "é", "a.b", "ü$"}[random.nextInt(5)] + i;
      fields.add(new Field(id, name, type, random.nextBoolean(), null));
    }
    return Schema.of(random.nextInt(4), fields, Set.of());
  }

  /** None to four partition fields; identity most of the time, since it takes every type. */
  PartitionSpec spec(Schema schema) {
    List<PartitionField> fields = new ArrayList<>();
    int count = random.nextInt(5);
    for (int i = 0; i < count; i++) {
      Field source = schema.field(random.nextInt(schema.size()));
      Transform transform =
          switch (random.nextInt(6)) {
            case 0 -> new Transform(Transform.Kind.BUCKET, 16);
            case 1 -> new Transform(Transform.Kind.VOID, 0);
            case 2 ->
                source.type() == Type.DATE || source.type() == Type.TIMESTAMP
                    ? new Transform(Transform.Kind.DAY, 0)
                    : new Transform(Transform.Kind.IDENTITY, 0);
            default -> new Transform(Transform.Kind.IDENTITY, 0);
          };
      fields.add(new PartitionField(source.id(), 1000 + i, source.name() + "_" + i, transform));
    }
    return new PartitionSpec(random.nextInt(3), fields);
  }

  List<ManifestEntry> entries(Schema schema, PartitionSpec spec, int count) {
    List<ManifestEntry> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(entry(schema, spec, i));
    }
    return all;
  }

  private ManifestEntry entry(Schema schema, PartitionSpec spec, int number) {
    DataFile file = file(schema, spec, number);
    return switch (random.nextInt(4)) {
      case 0 -> new ManifestEntry(ManifestEntry.Status.EXISTING, id(), 3L, 4L, file);
      case 1 -> new ManifestEntry(ManifestEntry.Status.DELETED, id(), 0L, wide(), file);
      case 2 -> new ManifestEntry(ManifestEntry.Status.ADDED, id(), wide(), null, file);
      default -> ManifestEntry.added(file);
    };
  }

  DataFile file(Schema schema, PartitionSpec spec, int number) {
    List<@Nullable Object> partition = new ArrayList<>();
    for (PartitionField field : spec.fields()) {
      Type source = schema.fieldById(field.sourceId()).orElseThrow().type();
      boolean none = field.transform().kind() == Transform.Kind.VOID || random.nextInt(5) == 0;
      partition.add(none ? null : value(field.transform().resultType(source)));
    }
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    for (Field field : schema.fields()) {
      if (random.nextInt(4) > 0) {
        columns.put(field.id(), metrics(field.type()));
      }
    }
    List<Long> offsets = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      offsets.add(4L + 1_000_000_000L * offsets.size());
    }
    return new DataFile(
        "file:///lake/" + text() + "/" + number + ".parquet",
        random.nextInt(10) == 0 ? "ORC" : "PARQUET",
        spec.id(),
        partition,
        new FileMetrics(wide(), wide(), columns, offsets),
        random.nextBoolean() ? null : (Integer) random.nextInt(3));
  }

  private ColumnMetrics metrics(Type type) {
    // Of uuid bounds a manifest keeps only some; see UuidBounds and the test in testkit.
    boolean bounds = type != Type.UUID;
    return new ColumnMetrics(
        count(),
        count(),
        count(),
        count(),
        bounds ? bound(type) : null,
        bounds ? bound(type) : null);
  }

  private long count() {
    return random.nextInt(3) == 0 ? -1 : wide();
  }

  private @Nullable ByteBuffer bound(Type type) {
    return random.nextInt(3) == 0 ? null : ByteBuffer.wrap(SingleValue.toBytes(type, value(type)));
  }

  /** Not negative, of any magnitude. */
  long wide() {
    return random.nextLong() >>> (1 + random.nextInt(63));
  }

  private long id() {
    return random.nextLong();
  }

  String text() {
    return TEXTS[random.nextInt(TEXTS.length)];
  }

  /** A value of the class that Type lists; extremes are likely. */
  Object value(Type type) {
    long any = random.nextLong() >> random.nextInt(64);
    return switch (type.kind()) {
      case BOOLEAN -> random.nextBoolean();
      case INT -> (int) any;
      case LONG -> any;
      case FLOAT -> new float[] {0f, -0f, Float.NaN, 1.5f, -1e30f}[random.nextInt(5)];
      case DOUBLE ->
          new double[] {0.0, -0.0, Double.NaN, Double.NEGATIVE_INFINITY, 1e300, -2.5}
              [random.nextInt(6)];
      case DECIMAL -> decimal((Type.Decimal) type);
      case DATE -> Values.date((int) any);
      case TIME -> Values.time(Math.floorMod(any, 86_400_000_000L));
      case TIMESTAMP -> Values.timestamp(any);
      case TIMESTAMPTZ -> Values.instant(any);
      case STRING -> text();
      case UUID -> new UUID(random.nextLong(), any);
      case FIXED -> bytes(((Type.Fixed) type).length());
      case BINARY -> bytes(random.nextInt(40));
    };
  }

  private BigDecimal decimal(Type.Decimal type) {
    int digits = 1 + random.nextInt(type.precision());
    BigInteger unscaled =
        new BigInteger(130, random).mod(BigInteger.TEN.pow(digits)).subtract(BigInteger.ONE);
    return new BigDecimal(random.nextBoolean() ? unscaled : unscaled.negate(), type.scale());
  }

  private byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /** A manifest file for a list. */
  ManifestFile manifest(int number) {
    List<PartitionSummary> partitions = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      partitions.add(
          new PartitionSummary(
              random.nextBoolean(),
              random.nextInt(3) == 0 ? null : (Boolean) random.nextBoolean(),
              bound(Type.STRING),
              bound(Type.BINARY)));
    }
    return new ManifestFile(
        "s3://lake/" + text() + "/m" + number + ".avro",
        wide(),
        random.nextInt(5),
        ManifestFile.Content.DATA,
        wide(),
        wide(),
        id(),
        new ManifestFile.Counts(
            random.nextInt(1 << random.nextInt(31)), 0, 7, wide(), wide(), wide()),
        partitions);
  }

  /** What the entry is after a trip through a manifest of this snapshot and sequence number. */
  static ManifestEntry inherited(ManifestEntry entry, long snapshotId, long sequenceNumber) {
    return new ManifestEntry(
        entry.status(),
        entry.snapshotId() == null ? (Long) snapshotId : entry.snapshotId(),
        entry.sequenceNumber() == null ? (Long) sequenceNumber : entry.sequenceNumber(),
        entry.fileSequenceNumber() == null ? (Long) sequenceNumber : entry.fileSequenceNumber(),
        entry.file());
  }

  /** All that an entry says, one line; arrays by content. */
  static String show(ManifestEntry entry) {
    DataFile file = entry.file();
    StringBuilder text = new StringBuilder();
    text.append(entry.status()).append(' ').append(entry.snapshotId()).append(' ');
    text.append(entry.sequenceNumber()).append(' ').append(entry.fileSequenceNumber()).append(' ');
    text.append(file.location()).append(' ').append(file.format()).append(' ');
    text.append(file.specId()).append(' ').append(file.sortOrderId()).append(' ');
    text.append(file.recordCount()).append(' ').append(file.fileSizeBytes()).append(' ');
    text.append(file.metrics().splitOffsets()).append(" (");
    for (Object value : file.partition()) {
      text.append(value instanceof byte[] bytes ? hex(bytes) : value).append(',');
    }
    text.append(')');
    new TreeMap<>(file.metrics().columns())
        .forEach((id, metrics) -> text.append(' ').append(id).append('=').append(show(metrics)));
    return text.toString();
  }

  /** Columns of which nothing is known leave no trace in a manifest. */
  private static String show(ColumnMetrics metrics) {
    return metrics.sizeBytes()
        + "/"
        + metrics.valueCount()
        + "/"
        + metrics.nullCount()
        + "/"
        + metrics.nanCount()
        + "/"
        + hex(metrics.lowerBytes())
        + "/"
        + hex(metrics.upperBytes());
  }

  static String hex(byte @Nullable [] bytes) {
    return bytes == null ? "-" : "x" + HexFormat.of().formatHex(bytes);
  }

  static List<String> show(List<ManifestEntry> entries) {
    return entries.stream().map(RandomManifests::show).toList();
  }

  /** All that a manifest file says. */
  static String show(ManifestFile manifest) {
    StringBuilder text = new StringBuilder();
    text.append(manifest.location()).append(' ').append(manifest.lengthBytes()).append(' ');
    text.append(manifest.specId()).append(' ').append(manifest.content()).append(' ');
    text.append(manifest.sequenceNumber()).append(' ').append(manifest.minSequenceNumber());
    text.append(' ').append(manifest.addedSnapshotId()).append(' ').append(manifest.counts());
    for (PartitionSummary summary : manifest.partitions()) {
      text.append(' ').append(summary.containsNull()).append('/').append(summary.containsNan());
      text.append('/').append(show(summary.lower())).append('/').append(show(summary.upper()));
    }
    return text.toString();
  }

  private static String show(@Nullable ByteBuffer bound) {
    if (bound == null) {
      return "-";
    }
    byte[] bytes = new byte[bound.remaining()];
    bound.duplicate().get(bytes);
    return hex(bytes);
  }

  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }

  /** The same file as somebody else writes it: without a checksum that would find all damage. */
  static byte[] unsealed(byte[] file) {
    byte[] key = AvroChecksum.KEY.getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i + key.length <= file.length; i++) {
      if (Arrays.equals(file, i, i + key.length, key, 0, key.length)) {
        byte[] unsealed = file.clone();
        unsealed[i] = 'X';
        return unsealed;
      }
    }
    throw new IllegalArgumentException("no checksum");
  }

  /** Reads a manifest whole, both entry by entry and into columns, which must tell the same. */
  static List<ManifestEntry> read(
      byte[] bytes, ManifestFile from, PartitionTypes types, EntryFields fields) {
    List<ManifestEntry> all = new ArrayList<>();
    ManifestReader.read(bytes, "m0.avro", from, types, fields, all::add);
    List<Field> known =
        all.stream()
            .flatMap(entry -> entry.file().metrics().columns().keySet().stream())
            .distinct()
            .map(id -> new Field(id, "c" + id, Type.BINARY, false, null))
            .toList();
    assertColumnsAgree(bytes, "m0.avro", from, types, known);
    return all;
  }

  /**
   * Reads a manifest into columns, all at once and then one column of metrics more each time, and
   * holds both to what reading it entry by entry gives: the same files, or an error of the same
   * kind.
   */
  static void assertColumnsAgree(
      byte[] bytes, String name, ManifestFile from, PartitionTypes types, List<Field> fields) {
    List<String> expected = new ArrayList<>();
    @Nullable RuntimeException error = null;
    Set<Integer> ids = fields.stream().map(Field::id).collect(Collectors.toSet());
    try {
      ManifestReader.read(
          bytes,
          name,
          from,
          types,
          EntryFields.metricsOf(ids),
          entry -> {
            if (entry.isLive()) {
              expected.add(entry.snapshotId() + " " + show(withoutSizes(entry.file())));
            }
          });
    } catch (CorruptTableException | UnsupportedTableException e) {
      error = e;
    }
    if (error != null) {
      assertThatThrownBy(() -> ManifestReader.columns(bytes, name, from, types, fields, null))
          .isInstanceOf(error.getClass())
          .hasMessageContaining(name);
      return;
    }
    ManifestColumns once = ManifestReader.columns(bytes, name, from, types, fields, null);
    assertThat(show(once, fields)).isEqualTo(expected);
    ManifestColumns grown = ManifestReader.columns(bytes, name, from, types, List.of(), null);
    for (Field field : fields) {
      grown = ManifestReader.columns(bytes, name, from, types, List.of(field), grown);
    }
    assertThat(show(grown, fields)).isEqualTo(expected);
    assertThat(grown.rows()).isEqualTo(once.rows());
  }

  private static DataFile withoutSizes(DataFile file) {
    Map<Integer, ColumnMetrics> columns = new HashMap<>();
    file.metrics()
        .columns()
        .forEach(
            (id, known) -> {
              ColumnMetrics rest =
                  new ColumnMetrics(
                      -1,
                      known.valueCount(),
                      known.nullCount(),
                      known.nanCount(),
                      known.lower(),
                      known.upper());
              if (!rest.equals(ColumnMetrics.UNKNOWN)) {
                columns.put(id, rest);
              }
            });
    FileMetrics metrics = file.metrics();
    return new DataFile(
        file.location(),
        file.format(),
        file.specId(),
        file.partition(),
        new FileMetrics(
            metrics.recordCount(), metrics.fileSizeBytes(), columns, metrics.splitOffsets()),
        file.sortOrderId());
  }

  private static List<String> show(ManifestColumns columns, List<Field> fields) {
    List<String> all = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      all.add(columns.snapshotId(i) + " " + show(columns.file(i, fields)));
    }
    return all;
  }

  private static String show(DataFile file) {
    return show(new ManifestEntry(ManifestEntry.Status.ADDED, 0L, 0L, 0L, file));
  }
}
