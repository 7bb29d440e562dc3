package io.datashard.internal.manifest;

import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.manifest.RecordProgram.Step;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import io.datashard.table.DataFile;
import io.datashard.table.FileMetrics;
import io.datashard.table.ManifestFile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decodes the entries of one manifest. Made once for a file from its writer's schema; used by one
 * thread. Spec: Iceberg table spec, "Manifest Entry Fields", "Data File Fields".
 */
final class EntryDecoder {
  private static final int STATUS = 0;
  private static final int SNAPSHOT_ID = 1;
  private static final int DATA_FILE = 2;
  private static final int SEQUENCE_NUMBER = 3;
  private static final int FILE_SEQUENCE_NUMBER = 4;
  private static final int CONTENT = 134;
  private static final int FILE_PATH = 100;
  private static final int FILE_FORMAT = 101;
  private static final int PARTITION = 102;
  private static final int RECORD_COUNT = 103;
  private static final int FILE_SIZE = 104;
  private static final int KEY_METADATA = 131;
  private static final int SPLIT_OFFSETS = 132;
  private static final int SORT_ORDER_ID = 140;

  private static final ManifestEntry.Status[] STATUSES = ManifestEntry.Status.values();

  private final ManifestFile from;
  private final RecordProgram entry;
  private final RecordProgram file;
  private final @Nullable RecordProgram partition;
  private final PartitionSpec spec;

  /** Of the spec's fields, by place. */
  private final Type[] types;

  private final MetricsDecoder metrics;

  /** The format seen last, so that all entries share one string. */
  private String format = "PARQUET";

  /**
   * Lays out the fields.
   *
   * @throws IllegalArgumentException the schema is no manifest's, or its partition fields are not
   *     those of the spec
   */
  EntryDecoder(
      AvroType schema,
      ManifestFile from,
      PartitionSpec spec,
      List<@Nullable Type> types,
      EntryFields fields) {
    this.from = from;
    this.spec = spec;
    entry = RecordProgram.of(schema, id -> id >= STATUS && id <= FILE_SEQUENCE_NUMBER);
    entry.required(STATUS, "status", AvroType.Kind.INT);
    entry.optional(SNAPSHOT_ID, "snapshot_id", AvroType.Kind.LONG);
    entry.optional(SEQUENCE_NUMBER, "sequence_number", AvroType.Kind.LONG);
    entry.optional(FILE_SEQUENCE_NUMBER, "file_sequence_number", AvroType.Kind.LONG);
    Step dataFile = entry.required(DATA_FILE, "data_file", AvroType.Kind.RECORD);

    file = RecordProgram.of(dataFile.type(), EntryDecoder::isKnown);
    file.optional(CONTENT, "content", AvroType.Kind.INT);
    file.required(FILE_PATH, "file_path", AvroType.Kind.STRING);
    file.required(FILE_FORMAT, "file_format", AvroType.Kind.STRING);
    file.required(RECORD_COUNT, "record_count", AvroType.Kind.LONG, AvroType.Kind.INT);
    file.required(FILE_SIZE, "file_size_in_bytes", AvroType.Kind.LONG, AvroType.Kind.INT);
    file.optional(KEY_METADATA, "key_metadata", AvroType.Kind.BYTES);
    file.optional(SPLIT_OFFSETS, "split_offsets", AvroType.Kind.ARRAY);
    file.optional(SORT_ORDER_ID, "sort_order_id", AvroType.Kind.INT);
    checkSplitOffsets();
    metrics = new MetricsDecoder(file, fields);

    this.types = new Type[spec.fields().size()];
    Step tuple = file.step(PARTITION);
    partition = tuple == null ? null : RecordProgram.of(tuple.type(), id -> placeOf(id) >= 0);
    for (int i = 0; i < this.types.length; i++) {
      this.types[i] = typeOf(spec.fields().get(i), types.get(i));
    }
  }

  private static boolean isKnown(int id) {
    return switch (id) {
      case CONTENT,
          FILE_PATH,
          FILE_FORMAT,
          PARTITION,
          RECORD_COUNT,
          FILE_SIZE,
          KEY_METADATA,
          SPLIT_OFFSETS,
          SORT_ORDER_ID ->
          true;
      default -> MetricsDecoder.metricOf(id) != null;
    };
  }

  private void checkSplitOffsets() {
    Step offsets = file.step(SPLIT_OFFSETS);
    if (offsets != null && offsets.type().items().kind() != AvroType.Kind.LONG) {
      throw new IllegalArgumentException(
          "field 132 (split_offsets) lists " + offsets.type().items().kind() + ", not LONG");
    }
  }

  private int placeOf(int fieldId) {
    for (int i = 0; i < spec.fields().size(); i++) {
      if (spec.fields().get(i).fieldId() == fieldId) {
        return i;
      }
    }
    return -1;
  }

  private Type typeOf(PartitionSpec.PartitionField field, @Nullable Type known) {
    Step step = partition == null ? null : partition.step(field.fieldId());
    if (step == null) {
      // A missing value read as null would make a reader prune files that hold matching rows.
      if (field.transform().kind() != Transform.Kind.VOID) {
        throw new IllegalArgumentException(
            "partition field '"
                + field.name()
                + "' of spec "
                + spec.id()
                + " has no field with field-id "
                + field.fieldId());
      }
      return Type.INT;
    }
    Type type =
        known == null || field.transform().kind() == Transform.Kind.VOID
            ? PartitionValue.typeOf(step.type())
            : known;
    PartitionValue.check(type, step.type(), field.name());
    return type;
  }

  /** Reads one entry; ids and sequence numbers are inherited. */
  ManifestEntry read(AvroInput in) {
    int status = -1;
    @Nullable Long snapshotId = null;
    @Nullable Long sequenceNumber = null;
    @Nullable Long fileSequenceNumber = null;
    @Nullable DataFile dataFile = null;
    for (Step step : entry.steps()) {
      if (step.id() == RecordProgram.SKIP) {
        step.type().skip(in);
      } else if (step.hasValue(in)) {
        switch (step.id()) {
          case STATUS -> status = in.readInt();
          case SNAPSHOT_ID -> snapshotId = in.readLong();
          case SEQUENCE_NUMBER -> sequenceNumber = in.readLong();
          case FILE_SEQUENCE_NUMBER -> fileSequenceNumber = in.readLong();
          default -> dataFile = readFile(in);
        }
      }
    }
    if (status < 0 || status >= STATUSES.length) {
      throw in.corrupt("an entry has the status " + status);
    }
    if (dataFile == null) {
      throw in.corrupt("an entry has no data_file");
    }
    return new ManifestEntry(
        STATUSES[status],
        snapshotId == null ? (Long) from.addedSnapshotId() : snapshotId,
        inherited(STATUSES[status], sequenceNumber),
        inherited(STATUSES[status], fileSequenceNumber),
        dataFile);
  }

  /**
   * Only added files inherit; a manifest of number 0 was written by format v1, where all numbers
   * are 0. Spec: "Sequence Number Inheritance".
   */
  private @Nullable Long inherited(ManifestEntry.Status status, @Nullable Long number) {
    boolean inherits =
        number == null && (status == ManifestEntry.Status.ADDED || from.sequenceNumber() == 0);
    return inherits ? (Long) from.sequenceNumber() : number;
  }

  private DataFile readFile(AvroInput in) {
    @Nullable String path = null;
    @Nullable String formatName = null;
    List<@Nullable Object> values = List.of();
    long recordCount = -1;
    long sizeBytes = -1;
    List<Long> splitOffsets = List.of();
    @Nullable Integer sortOrderId = null;
    int content = 0;
    boolean encrypted = false;
    metrics.start();
    for (Step step : file.steps()) {
      if (step.id() == RecordProgram.SKIP) {
        step.type().skip(in);
      } else if (step.hasValue(in)) {
        switch (step.id()) {
          case CONTENT -> content = in.readInt();
          case FILE_PATH -> path = in.readString();
          case FILE_FORMAT -> formatName = format(in.readString());
          case PARTITION -> values = readPartition(in);
          case RECORD_COUNT -> recordCount = in.readLong();
          case FILE_SIZE -> sizeBytes = in.readLong();
          case KEY_METADATA -> {
            step.type().skip(in);
            encrypted = true;
          }
          case SPLIT_OFFSETS -> splitOffsets = readLongs(in);
          case SORT_ORDER_ID -> sortOrderId = in.readInt();
          default -> readMetric(step, in);
        }
      }
    }
    if (path == null || formatName == null || recordCount < 0 || sizeBytes < 0) {
      throw in.corrupt(
          "a data file has the path "
              + path
              + ", the format "
              + formatName
              + ", "
              + recordCount
              + " rows and "
              + sizeBytes
              + " bytes");
    }
    refuse(in, path, content, encrypted);
    return new DataFile(
        path,
        formatName,
        spec.id(),
        values,
        new FileMetrics(recordCount, sizeBytes, metrics.finish(), splitOffsets),
        sortOrderId);
  }

  private static void refuse(AvroInput in, String path, int content, boolean encrypted) {
    if (content < 0 || content > 2) {
      throw in.corrupt("a data file has the content " + content);
    }
    if (content != 0) {
      throw new UnsupportedTableException(
          in.fileName()
              + " lists "
              + (content == 1 ? "the position deletes " : "the equality deletes ")
              + path
              + ", which DataShard does not apply yet. Rewrite the table's data files with the"
              + " engine that deleted the rows.");
    }
    if (encrypted) {
      throw new UnsupportedTableException(
          in.fileName() + " lists the encrypted file " + path + "; DataShard has no keys.");
    }
  }

  private void readMetric(Step step, AvroInput in) {
    MetricsDecoder.@Nullable Metric metric = MetricsDecoder.metricOf(step.id());
    if (metric == null) {
      step.type().skip(in);
    } else {
      metrics.read(metric, step.type(), in);
    }
  }

  private String format(String name) {
    if (!name.equals(format)) {
      format = name.toUpperCase(Locale.ROOT);
    }
    return format;
  }

  private List<@Nullable Object> readPartition(AvroInput in) {
    if (partition == null) {
      return List.of();
    }
    @Nullable Object[] values = new Object[types.length];
    for (Step step : partition.steps()) {
      if (step.id() == RecordProgram.SKIP) {
        step.type().skip(in);
      } else if (step.hasValue(in)) {
        int place = placeOf(step.id());
        values[place] = PartitionValue.read(types[place], step.type(), in);
      }
    }
    return Arrays.asList(values);
  }

  private static List<Long> readLongs(AvroInput in) {
    List<Long> all = new ArrayList<>(1);
    for (long n = in.readBlockCount(1); n != 0; n = in.readBlockCount(1)) {
      for (long i = 0; i < n; i++) {
        all.add(in.readLong());
      }
    }
    return all;
  }
}
