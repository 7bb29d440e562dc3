package io.datashard.internal.metadata;

import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.metadata.TableMetadata.MetadataLogEntry;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.PartitionSpec.PartitionField;
import io.datashard.schema.Schema;
import io.datashard.schema.SchemaJson;
import io.datashard.schema.Transform;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads one metadata file; used once. */
final class MetadataParser {
  private final String fileName;
  private final JsonText json;

  private @Nullable Integer formatVersion;
  private @Nullable String tableUuid;
  private @Nullable String location;
  private @Nullable Long lastSequenceNumber;
  private @Nullable Long lastUpdatedMillis;
  private @Nullable Integer lastColumnId;
  private @Nullable String v1Schema;
  private @Nullable List<String> schemaTexts;
  private @Nullable Integer currentSchemaId;
  private @Nullable String v1Spec;
  private @Nullable List<String> specTexts;
  private @Nullable Integer defaultSpecId;
  private @Nullable Integer lastPartitionId;
  private @Nullable List<String> sortOrderTexts;
  private @Nullable Integer defaultSortOrderId;
  private @Nullable Long currentSnapshotId;
  private @Nullable Map<String, SnapshotRef> refs;
  private Map<String, String> properties = Map.of();
  private final List<Snapshot> snapshots = new ArrayList<>();
  private final List<SnapshotLogEntry> snapshotLog = new ArrayList<>();
  private final List<MetadataLogEntry> metadataLog = new ArrayList<>();
  private final Map<String, String> unknown = new LinkedHashMap<>();
  private final Map<Long, KeptJson.Part<Snapshot>> keptSnapshots = new HashMap<>();

  MetadataParser(JsonText json, String fileName) {
    this.json = json;
    this.fileName = fileName;
  }

  /** The whole text; anything wrong is an IllegalArgumentException or a JsonProcessingException. */
  TableMetadata parse() throws IOException {
    json.object("the table metadata", this::readField);
    json.end();
    // Asked first: a higher version may hold types and transforms that would fail below, and the
    // version is what the user needs to know.
    int version = checkedVersion();
    List<Schema> schemas = new ArrayList<>();
    Map<Integer, KeptJson.Part<Schema>> keptSchemas = new HashMap<>();
    for (String text : schemaTexts(version)) {
      Schema schema = readSchema(text);
      schemas.add(schema);
      keptSchemas.put(schema.id(), new KeptJson.Part<>(schema, text, Map.of()));
    }
    int schemaId = v1Default(version, "current-schema-id", currentSchemaId, schemas.get(0).id());

    List<PartitionSpec> specs = new ArrayList<>();
    Map<Integer, KeptJson.Part<PartitionSpec>> keptSpecs = new HashMap<>();
    if (specTexts == null && version == 1) {
      specs.add(readSpecFields(present("partition-spec", v1Spec)));
    }
    for (String text : specTexts == null ? List.<String>of() : specTexts) {
      PartitionSpec spec = readSpec(text);
      specs.add(spec);
      keptSpecs.put(spec.id(), new KeptJson.Part<>(spec, text, Map.of()));
    }
    if (version > 1) {
      present("partition-specs", specTexts);
    }
    List<KeptSortOrder> orders = new ArrayList<>();
    for (String text :
        v1Default(version, "sort-orders", sortOrderTexts, List.of(KeptSortOrder.UNSORTED.json()))) {
      orders.add(KeptSortOrder.parse(text));
    }

    TableMetadata.Builder builder =
        new TableMetadata.Builder(uuid(), present("location", location))
            .formatVersion(version)
            .lastSequenceNumber(v1Default(version, "last-sequence-number", lastSequenceNumber, 0L))
            .lastUpdatedMillis(present("last-updated-ms", lastUpdatedMillis))
            .lastColumnId(lastColumnId(schemas))
            .schemas(schemas, schemaId)
            .specs(specs, v1Default(version, "default-spec-id", defaultSpecId, 0))
            .lastPartitionId(
                Math.max(
                    v1Default(version, "last-partition-id", lastPartitionId, 0),
                    highestPartitionId(specs)))
            .sortOrders(orders, v1Default(version, "default-sort-order-id", defaultSortOrderId, 0))
            .properties(properties)
            .snapshots(snapshots)
            .snapshotLog(snapshotLog)
            .metadataLog(metadataLog)
            .unknown(unknown)
            .kept(new KeptJson(keptSchemas, keptSpecs, keptSnapshots));
    if (refs == null) {
      builder.currentSnapshotId(currentSnapshotId); // and the branch main with it
    } else {
      builder.currentSnapshotId(currentSnapshotId).refs(refs);
    }
    return builder.build();
  }

  private void readField(String key) throws IOException {
    switch (key) {
      case "format-version" -> formatVersion = json.intValue(key);
      case "table-uuid" -> tableUuid = json.string(key);
      case "location" -> location = json.string(key);
      case "last-sequence-number" -> lastSequenceNumber = notNegative(key);
      case "last-updated-ms" -> lastUpdatedMillis = json.longValue(key);
      case "last-column-id" -> lastColumnId = json.intValue(key);
      case "schema" -> v1Schema = json.raw();
      case "schemas" -> schemaTexts = texts(key);
      case "current-schema-id" -> currentSchemaId = json.intValue(key);
      case "partition-spec" -> v1Spec = json.raw();
      case "partition-specs" -> specTexts = texts(key);
      case "default-spec-id" -> defaultSpecId = json.intValue(key);
      case "last-partition-id" -> lastPartitionId = json.intValue(key);
      case "sort-orders" -> sortOrderTexts = texts(key);
      case "default-sort-order-id" -> defaultSortOrderId = json.intValue(key);
      case MetadataChecksum.KEY -> json.string(key); // not kept: it is of these bytes only
      default -> {
        if (!readOptionalField(key)) {
          unknown.put(key, json.raw());
        }
      }
    }
  }

  /** Fields for which null says the same as absence; false if the field is not known. */
  private boolean readOptionalField(String key) throws IOException {
    switch (key) {
      case "current-snapshot-id" -> {
        // -1 is how format v2 says "none"; spec, Appendix F.
        long id = json.isNull() ? -1 : json.longValue(key);
        currentSnapshotId = id == -1 ? null : id;
      }
      case "properties" -> properties = json.isNull() ? properties : json.strings(key);
      case "snapshots" -> unlessNull(() -> json.array(key, this::readSnapshot));
      case "snapshot-log" -> unlessNull(() -> json.array(key, this::readSnapshotLogEntry));
      case "metadata-log" -> unlessNull(() -> json.array(key, this::readMetadataLogEntry));
      case "refs" -> unlessNull(() -> readRefs(key));
      default -> {
        return false;
      }
    }
    return true;
  }

  private void unlessNull(JsonText.Value value) throws IOException {
    if (!json.isNull()) {
      value.read();
    }
  }

  private List<String> texts(String key) throws IOException {
    List<String> all = new ArrayList<>();
    json.array(key, () -> all.add(json.raw()));
    return all;
  }

  private int checkedVersion() {
    int version = present("format-version", formatVersion);
    if (version > TableMetadata.FORMAT_VERSION) {
      throw new UnsupportedTableException(
          fileName
              + " is of Iceberg format version "
              + version
              + "; DataShard reads versions 1 and 2. Open the table with an engine that reads"
              + " version "
              + version
              + ", or copy its rows into a table of version 2.");
    }
    if (version < 1) {
      throw new IllegalArgumentException("\"format-version\" is " + version + ", not 1 or 2");
    }
    if (version == 1 && tableUuid == null) {
      throw new UnsupportedTableException(
          fileName
              + " is of Iceberg format version 1 and has no \"table-uuid\". Upgrade the table to"
              + " version 2 with the engine that wrote it.");
    }
    return version;
  }

  private UUID uuid() {
    String text = present("table-uuid", tableUuid);
    try {
      UUID uuid = UUID.fromString(text);
      if (uuid.toString().equals(text.toLowerCase(Locale.ROOT))) {
        return uuid;
      }
    } catch (IllegalArgumentException e) {
      // Said below, with the value.
    }
    throw new IllegalArgumentException("\"table-uuid\" is no UUID: '" + text + "'");
  }

  private static <T> T present(String key, @Nullable T value) {
    if (value == null) {
      throw new IllegalArgumentException("\"" + key + "\" is missing");
    }
    return value;
  }

  /** Fields that version 2 demands and version 1 may lack. */
  private static <T> T v1Default(int version, String key, @Nullable T value, T fallback) {
    return version == 1 && value == null ? fallback : present(key, value);
  }

  private long notNegative(String key) throws IOException {
    long value = json.longValue(key);
    if (value < 0) {
      throw new IllegalArgumentException("\"" + key + "\" is " + value + ", below 0");
    }
    return value;
  }

  private List<String> schemaTexts(int version) {
    if (schemaTexts == null && version == 1) {
      return List.of(present("schema", v1Schema));
    }
    List<String> texts = present("schemas", schemaTexts);
    if (texts.isEmpty()) {
      throw new IllegalArgumentException("\"schemas\" is empty");
    }
    return texts;
  }

  private Schema readSchema(String text) throws IOException {
    try (JsonText schema = new JsonText(text)) {
      return SchemaJson.read(schema.parser());
    } catch (SchemaJson.UnsupportedColumnException e) {
      throw new UnsupportedTableException(fileName + ": " + e.getMessage(), e);
    }
  }

  /** Too low a number would give an id twice; no other harm, so it is mended instead of refused. */
  private int lastColumnId(List<Schema> schemas) {
    int highest = present("last-column-id", lastColumnId);
    for (Schema schema : schemas) {
      highest = Math.max(highest, schema.highestFieldId());
    }
    return highest;
  }

  private static int highestPartitionId(List<PartitionSpec> specs) {
    return specs.stream()
        .flatMap(spec -> spec.fields().stream())
        .mapToInt(PartitionField::fieldId)
        .max()
        .orElse(TableMetadata.LAST_PARTITION_ID_NONE);
  }

  private PartitionSpec readSpec(String text) throws IOException {
    @Nullable Integer[] id = new Integer[1];
    List<PartitionField> fields = new ArrayList<>();
    boolean[] listed = new boolean[1];
    try (JsonText spec = new JsonText(text)) {
      spec.object(
          "partition-specs",
          key -> {
            switch (key) {
              case "spec-id" -> id[0] = spec.intValue(key);
              case "fields" -> {
                listed[0] = true;
                spec.array(key, () -> fields.add(readPartitionField(spec, fields.size())));
              }
              default -> spec.raw();
            }
          });
    }
    if (!listed[0]) {
      throw new IllegalArgumentException("A partition spec has no \"fields\"");
    }
    return new PartitionSpec(present("spec-id", id[0]), fields);
  }

  private PartitionSpec readSpecFields(String text) throws IOException {
    List<PartitionField> fields = new ArrayList<>();
    try (JsonText spec = new JsonText(text)) {
      spec.array("partition-spec", () -> fields.add(readPartitionField(spec, fields.size())));
    }
    return new PartitionSpec(0, fields);
  }

  private PartitionField readPartitionField(JsonText in, int place) throws IOException {
    @Nullable Integer[] ids = new Integer[2];
    @Nullable String[] words = new String[2];
    in.object(
        "partition field",
        key -> {
          switch (key) {
            case "source-id" -> ids[0] = in.intValue(key);
            case "field-id" -> ids[1] = in.intValue(key);
            case "name" -> words[0] = in.string(key);
            case "transform" -> words[1] = in.string(key);
            default -> in.raw();
          }
        });
    String name = present("name", words[0]);
    // Version 1 counted partition fields from 1000 in each spec. Spec, "Partition Evolution".
    Integer fallback = PartitionSpec.FIELD_ID_FIRST + place;
    int version = formatVersion == null ? TableMetadata.FORMAT_VERSION : formatVersion;
    return new PartitionField(
        present("source-id", ids[0]),
        v1Default(version, "field-id", ids[1], fallback),
        name,
        transform(name, present("transform", words[1])));
  }

  private Transform transform(String field, String name) {
    try {
      return Transform.parse(name);
    } catch (IllegalArgumentException e) {
      throw new UnsupportedTableException(
          fileName + ": partition field '" + field + "': " + e.getMessage(), e);
    }
  }

  /** A text that is one snapshot. */
  Snapshot parseSnapshot() throws IOException {
    SnapshotDraft draft = new SnapshotDraft();
    json.object("snapshots", draft::readField);
    return draft.snapshot();
  }

  private void readSnapshot() throws IOException {
    int start = json.start();
    SnapshotDraft draft = new SnapshotDraft();
    json.object("snapshots", draft::readField);
    Snapshot snapshot = draft.snapshot();
    snapshots.add(snapshot);
    keptSnapshots.put(
        snapshot.snapshotId(),
        new KeptJson.Part<>(snapshot, json.since(start), draft.unknownFields));
  }

  /** The fields of one snapshot as they come. */
  private final class SnapshotDraft {
    private @Nullable Long id;
    private @Nullable Long parentId;
    private long sequenceNumber;
    private @Nullable Long timestampMillis;
    private @Nullable String manifestList;
    private @Nullable Integer schemaId;
    private boolean listsManifests;
    private Map<String, String> summary = Map.of();
    private final Map<String, String> unknownFields = new LinkedHashMap<>();

    void readField(String key) throws IOException {
      switch (key) {
        case "snapshot-id" -> id = json.longValue(key);
        case "parent-snapshot-id" -> parentId = json.isNull() ? null : (Long) json.longValue(key);
        case "sequence-number" -> sequenceNumber = notNegative(key);
        case "timestamp-ms" -> timestampMillis = json.longValue(key);
        case "manifest-list" -> manifestList = json.string(key);
        case "schema-id" -> schemaId = json.isNull() ? null : (Integer) json.intValue(key);
        case "summary" -> summary = json.isNull() ? summary : json.strings(key);
        case "manifests" -> {
          listsManifests = true;
          unknownFields.put(key, json.raw());
        }
        default -> unknownFields.put(key, json.raw());
      }
    }

    Snapshot snapshot() {
      long snapshotId = present("snapshot-id", id);
      if (manifestList == null && listsManifests) {
        throw new UnsupportedTableException(
            fileName
                + ": snapshot "
                + snapshotId
                + " lists its manifests itself, as early version 1 tables did. Upgrade the table"
                + " to version 2 with the engine that wrote it.");
      }
      return new Snapshot(
          snapshotId,
          parentId,
          sequenceNumber,
          present("timestamp-ms", timestampMillis),
          present("manifest-list", manifestList),
          schemaId,
          summary);
    }
  }

  private void readSnapshotLogEntry() throws IOException {
    @Nullable Long[] values = new Long[2];
    json.object(
        "snapshot-log",
        key -> {
          switch (key) {
            case "timestamp-ms" -> values[0] = json.longValue(key);
            case "snapshot-id" -> values[1] = json.longValue(key);
            default -> json.raw();
          }
        });
    snapshotLog.add(
        new SnapshotLogEntry(
            present("timestamp-ms", values[0]), present("snapshot-id", values[1])));
  }

  private void readMetadataLogEntry() throws IOException {
    @Nullable Long[] time = new Long[1];
    @Nullable String[] file = new String[1];
    json.object(
        "metadata-log",
        key -> {
          switch (key) {
            case "timestamp-ms" -> time[0] = json.longValue(key);
            case "metadata-file" -> file[0] = json.string(key);
            default -> json.raw();
          }
        });
    metadataLog.add(
        new MetadataLogEntry(present("timestamp-ms", time[0]), present("metadata-file", file[0])));
  }

  private void readRefs(String what) throws IOException {
    Map<String, SnapshotRef> all = new LinkedHashMap<>();
    json.object(what, name -> all.put(name, readRef(name)));
    // Spec: main is always at the current snapshot, even where refs do not say so.
    if (!all.containsKey(SnapshotRef.MAIN) && currentSnapshotId != null) {
      all.put(SnapshotRef.MAIN, SnapshotRef.branch(currentSnapshotId));
    }
    refs = all;
  }

  private SnapshotRef readRef(String name) throws IOException {
    @Nullable Long[] numbers = new Long[4];
    @Nullable String[] type = new String[1];
    Map<String, String> others = new LinkedHashMap<>();
    json.object(
        "refs\".\"" + name,
        key -> {
          switch (key) {
            case "snapshot-id" -> numbers[0] = json.longValue(key);
            case "type" -> type[0] = json.string(key);
            case "min-snapshots-to-keep" ->
                numbers[1] = json.isNull() ? null : (Long) (long) json.intValue(key);
            case "max-snapshot-age-ms" ->
                numbers[2] = json.isNull() ? null : (Long) json.longValue(key);
            case "max-ref-age-ms" -> numbers[3] = json.isNull() ? null : (Long) json.longValue(key);
            default -> others.put(key, json.raw());
          }
        });
    Long keep = numbers[1];
    return new SnapshotRef(
        present("snapshot-id", numbers[0]),
        kind(name, present("type", type[0])),
        keep == null ? null : keep.intValue(),
        numbers[2],
        numbers[3],
        others);
  }

  private static SnapshotRef.Kind kind(String name, String type) {
    return switch (type.toLowerCase(Locale.ROOT)) {
      case "branch" -> SnapshotRef.Kind.BRANCH;
      case "tag" -> SnapshotRef.Kind.TAG;
      default ->
          throw new IllegalArgumentException(
              "Reference '" + name + "' has the type '" + type + "', neither branch nor tag");
    };
  }
}
