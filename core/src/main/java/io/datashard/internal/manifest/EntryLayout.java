package io.datashard.internal.manifest;

import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.manifest.RecordProgram.Step;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Transform;
import io.datashard.schema.Type;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one writer laid out the entries of a manifest, checked against what they must have. Spec:
 * Iceberg table spec, "Manifest Entry Fields", "Data File Fields".
 */
final class EntryLayout {
  static final int STATUS = 0;
  static final int SNAPSHOT_ID = 1;
  static final int DATA_FILE = 2;
  static final int SEQUENCE_NUMBER = 3;
  static final int FILE_SEQUENCE_NUMBER = 4;
  static final int CONTENT = 134;
  static final int FILE_PATH = 100;
  static final int FILE_FORMAT = 101;
  static final int PARTITION = 102;
  static final int RECORD_COUNT = 103;
  static final int FILE_SIZE = 104;
  static final int KEY_METADATA = 131;
  static final int SPLIT_OFFSETS = 132;
  static final int SORT_ORDER_ID = 140;

  private final RecordProgram entry;
  private final RecordProgram file;
  private final @Nullable RecordProgram partition;
  private final MetricsLayout metrics;
  private final PartitionSpec spec;

  /** Of the spec's fields, by place. */
  private final Type[] types;

  /**
   * Lays out the fields.
   *
   * @param types for each field of the spec the type of its values, or null if only the file knows
   * @throws IllegalArgumentException the schema is no manifest's, or its partition fields are not
   *     those of the spec
   */
  EntryLayout(AvroType schema, PartitionSpec spec, List<@Nullable Type> types) {
    this.spec = spec;
    entry = RecordProgram.of(schema, id -> id >= STATUS && id <= FILE_SEQUENCE_NUMBER);
    entry.required(STATUS, "status", AvroType.Kind.INT);
    entry.optional(SNAPSHOT_ID, "snapshot_id", AvroType.Kind.LONG);
    entry.optional(SEQUENCE_NUMBER, "sequence_number", AvroType.Kind.LONG);
    entry.optional(FILE_SEQUENCE_NUMBER, "file_sequence_number", AvroType.Kind.LONG);
    Step dataFile = entry.required(DATA_FILE, "data_file", AvroType.Kind.RECORD);

    file = RecordProgram.of(dataFile.type(), EntryLayout::isKnown);
    file.optional(CONTENT, "content", AvroType.Kind.INT);
    file.required(FILE_PATH, "file_path", AvroType.Kind.STRING);
    file.required(FILE_FORMAT, "file_format", AvroType.Kind.STRING);
    file.required(RECORD_COUNT, "record_count", AvroType.Kind.LONG, AvroType.Kind.INT);
    file.required(FILE_SIZE, "file_size_in_bytes", AvroType.Kind.LONG, AvroType.Kind.INT);
    file.optional(KEY_METADATA, "key_metadata", AvroType.Kind.BYTES);
    file.optional(SPLIT_OFFSETS, "split_offsets", AvroType.Kind.ARRAY);
    file.optional(SORT_ORDER_ID, "sort_order_id", AvroType.Kind.INT);
    checkSplitOffsets();
    metrics = new MetricsLayout(file);

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
      default -> MetricsLayout.metricOf(id) != null;
    };
  }

  private void checkSplitOffsets() {
    Step offsets = file.step(SPLIT_OFFSETS);
    if (offsets != null && offsets.type().items().kind() != AvroType.Kind.LONG) {
      throw new IllegalArgumentException(
          "field 132 (split_offsets) lists " + offsets.type().items().kind() + ", not LONG");
    }
  }

  /** Which field of the spec this is, or -1. */
  int placeOf(int fieldId) {
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

  RecordProgram entry() {
    return entry;
  }

  RecordProgram file() {
    return file;
  }

  /** The partition tuple, or null if the file has none. */
  @Nullable RecordProgram partition() {
    return partition;
  }

  MetricsLayout metrics() {
    return metrics;
  }

  PartitionSpec spec() {
    return spec;
  }

  /** The type that values of this field of the spec are read as. */
  Type type(int place) {
    return types[place];
  }

  /** Reads a partition tuple: a value for each field of the spec. */
  List<@Nullable Object> readPartition(AvroInput in) {
    if (partition == null) {
      return List.of();
    }
    @Nullable Object[] values = new Object[types.length];
    for (Step step : partition.steps()) {
      if (step.hasValue(in)) {
        int place = placeOf(step.id());
        values[place] = PartitionValue.read(types[place], step.type(), in);
      }
    }
    return Arrays.asList(values);
  }

  /** Refuses what DataShard does not read. */
  static void refuse(AvroInput in, String path, int content, boolean encrypted) {
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
}
