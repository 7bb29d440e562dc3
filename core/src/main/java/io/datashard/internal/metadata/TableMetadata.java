package io.datashard.internal.metadata;

import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.SortOrder;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One version of a table: what {@code v<N>.metadata.json} says. Immutable. Spec: Iceberg table
 * spec, "Table Metadata".
 *
 * <p>A version is made from another by {@link #toBuilder()}; fields that DataShard does not know
 * survive, at the top, in schemas, specs, snapshots and references, as long as the thing they
 * belong to does.
 */
public final class TableMetadata {
  /** The format version that is written. */
  public static final int FORMAT_VERSION = 2;

  /** {@code last-partition-id} of a table that never had a partition field. */
  public static final int LAST_PARTITION_ID_NONE = PartitionSpec.FIELD_ID_FIRST - 1;

  private final int formatVersion;
  private final UUID tableUuid;
  private final String location;
  private final long lastSequenceNumber;
  private final long lastUpdatedMillis;
  private final int lastColumnId;
  private final List<Schema> schemas;
  private final int currentSchemaId;
  private final List<PartitionSpec> specs;
  private final int defaultSpecId;
  private final int lastPartitionId;
  private final List<KeptSortOrder> sortOrders;
  private final int defaultSortOrderId;
  private final Map<String, String> properties;
  private final @Nullable Long currentSnapshotId;
  private final List<Snapshot> snapshots;
  private final List<SnapshotLogEntry> snapshotLog;
  private final List<MetadataLogEntry> metadataLog;
  private final Map<String, SnapshotRef> refs;
  private final Map<String, String> unknown;
  private final KeptJson kept;
  private final Schema schema;
  private final PartitionSpec spec;
  private final SortOrder sortOrder;
  private final Map<Long, Snapshot> snapshotById = new HashMap<>();

  /**
   * When a snapshot became current.
   *
   * @param timestampMillis milliseconds since 1970-01-01T00:00Z
   * @param snapshotId which; it may no longer be listed
   */
  public record SnapshotLogEntry(long timestampMillis, long snapshotId) {}

  /**
   * An earlier metadata file of the table.
   *
   * @param timestampMillis when that file was written, milliseconds since 1970-01-01T00:00Z
   * @param metadataFile where it is, absolute
   */
  public record MetadataLogEntry(long timestampMillis, String metadataFile) {}

  private TableMetadata(Builder b) {
    formatVersion = b.formatVersion;
    tableUuid = b.tableUuid;
    location = b.location;
    lastSequenceNumber = b.lastSequenceNumber;
    lastUpdatedMillis = b.lastUpdatedMillis;
    lastColumnId = b.lastColumnId;
    schemas = List.copyOf(b.schemas);
    currentSchemaId = b.currentSchemaId;
    specs = List.copyOf(b.specs);
    defaultSpecId = b.defaultSpecId;
    lastPartitionId = b.lastPartitionId;
    sortOrders = List.copyOf(b.sortOrders);
    defaultSortOrderId = b.defaultSortOrderId;
    properties = Collections.unmodifiableMap(new LinkedHashMap<>(b.properties));
    currentSnapshotId = b.currentSnapshotId;
    snapshots = List.copyOf(b.snapshots);
    snapshotLog = List.copyOf(b.snapshotLog);
    metadataLog = List.copyOf(b.metadataLog);
    refs = Collections.unmodifiableMap(new LinkedHashMap<>(b.refs));
    unknown = Collections.unmodifiableMap(new LinkedHashMap<>(b.unknown));
    kept = b.kept;

    schema = find("current-schema-id", currentSchemaId, "schemas", schemas, Schema::id);
    spec = find("default-spec-id", defaultSpecId, "partition-specs", specs, PartitionSpec::id);
    KeptSortOrder order =
        find(
            "default-sort-order-id",
            defaultSortOrderId,
            "sort-orders",
            sortOrders,
            KeptSortOrder::id);
    sortOrder = order.over(schema);
    for (Snapshot snapshot : snapshots) {
      if (snapshotById.put(snapshot.snapshotId(), snapshot) != null) {
        throw new IllegalArgumentException(
            "\"snapshots\" lists the id " + snapshot.snapshotId() + " twice.");
      }
      if (snapshot.sequenceNumber() > lastSequenceNumber) {
        throw new IllegalArgumentException(
            "Snapshot "
                + snapshot.snapshotId()
                + " has the sequence number "
                + snapshot.sequenceNumber()
                + ", but \"last-sequence-number\" is "
                + lastSequenceNumber
                + ".");
      }
    }
    if (currentSnapshotId != null && !snapshotById.containsKey(currentSnapshotId)) {
      throw new IllegalArgumentException(
          "\"current-snapshot-id\" is "
              + currentSnapshotId
              + ", which is not among the "
              + snapshots.size()
              + " in \"snapshots\".");
    }
    checkRefs();
  }

  private static <T> T find(
      String key, int id, String listKey, List<T> list, ToLongFunction<T> idOf) {
    @Nullable T found = null;
    Set<Long> ids = new HashSet<>();
    for (T one : list) {
      if (!ids.add(idOf.applyAsLong(one))) {
        throw new IllegalArgumentException(
            "\"" + listKey + "\" lists the id " + idOf.applyAsLong(one) + " twice.");
      }
      if (idOf.applyAsLong(one) == id) {
        found = one;
      }
    }
    if (found == null) {
      throw new IllegalArgumentException(
          "\"" + key + "\" is " + id + ", but \"" + listKey + "\" has only " + ids + ".");
    }
    return found;
  }

  private void checkRefs() {
    refs.forEach(
        (name, ref) -> {
          if (!snapshotById.containsKey(ref.snapshotId())) {
            throw new IllegalArgumentException(
                "Reference '"
                    + name
                    + "' points to snapshot "
                    + ref.snapshotId()
                    + ", which is not in \"snapshots\".");
          }
        });
    SnapshotRef main = refs.get(SnapshotRef.MAIN);
    if (main == null ? currentSnapshotId != null : !matches(main)) {
      throw new IllegalArgumentException(
          "\"current-snapshot-id\" is "
              + currentSnapshotId
              + ", but the branch main is at "
              + (main == null ? "no snapshot" : main.snapshotId())
              + ".");
    }
  }

  private boolean matches(SnapshotRef main) {
    return currentSnapshotId != null && currentSnapshotId == main.snapshotId();
  }

  /**
   * The first version of a table: no snapshot yet.
   *
   * @param location the table's folder, absolute, with scheme
   * @param nowMillis milliseconds since 1970-01-01T00:00Z
   * @throws IllegalArgumentException a partition field names a column that the schema lacks
   */
  public static TableMetadata create(
      UUID tableUuid,
      String location,
      Schema schema,
      PartitionSpec spec,
      SortOrder order,
      Map<String, String> properties,
      long nowMillis) {
    for (PartitionSpec.PartitionField field : spec.fields()) {
      if (schema.placeOfId(field.sourceId()) < 0) {
        throw new IllegalArgumentException(
            "Partition field '"
                + field.name()
                + "' is made from the column with id "
                + field.sourceId()
                + ", which the schema does not have.");
      }
    }
    return new Builder(tableUuid, location)
        .lastUpdatedMillis(nowMillis)
        .lastColumnId(schema.highestFieldId())
        .schemas(List.of(schema), schema.id())
        .specs(List.of(spec), spec.id())
        .lastPartitionId(
            spec.fields().stream()
                .mapToInt(PartitionSpec.PartitionField::fieldId)
                .max()
                .orElse(LAST_PARTITION_ID_NONE))
        .sortOrders(List.of(KeptSortOrder.of(order)), order.id())
        .properties(properties)
        .build();
  }

  /** The same for a table whose rows are not sorted. */
  public static TableMetadata create(
      UUID tableUuid,
      String location,
      Schema schema,
      PartitionSpec spec,
      Map<String, String> properties,
      long nowMillis) {
    return create(tableUuid, location, schema, spec, SortOrder.UNSORTED, properties, nowMillis);
  }

  /** A builder that starts with all that this version says. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** 1 or 2. Version 1 is only read. */
  public int formatVersion() {
    return formatVersion;
  }

  /** Identifies the table for ever. */
  public UUID tableUuid() {
    return tableUuid;
  }

  /** The table's folder, as recorded: absolute, with scheme if DataShard wrote it. */
  public String location() {
    return location;
  }

  /** The highest sequence number of any commit. */
  public long lastSequenceNumber() {
    return lastSequenceNumber;
  }

  /** When this version was made, milliseconds since 1970-01-01T00:00Z. */
  public long lastUpdatedMillis() {
    return lastUpdatedMillis;
  }

  /** The highest column id ever given. */
  public int lastColumnId() {
    return lastColumnId;
  }

  /** All schemas, each under its own id. */
  public List<Schema> schemas() {
    return schemas;
  }

  /** The id of {@link #schema()}. */
  public int currentSchemaId() {
    return currentSchemaId;
  }

  /** The current schema. */
  public Schema schema() {
    return schema;
  }

  /** The schema that was current when the snapshot was made; the current one if not recorded. */
  public Schema schemaOf(Snapshot snapshot) {
    Integer id = snapshot.schemaId();
    if (id != null) {
      for (Schema one : schemas) {
        if (one.id() == id) {
          return one;
        }
      }
    }
    return schema;
  }

  /** All partition specs, each under its own id. */
  public List<PartitionSpec> specs() {
    return specs;
  }

  /** The id of {@link #spec()}. */
  public int defaultSpecId() {
    return defaultSpecId;
  }

  /** The partition spec that new data files follow. */
  public PartitionSpec spec() {
    return spec;
  }

  /** The highest partition field id ever given, {@value #LAST_PARTITION_ID_NONE} if none was. */
  public int lastPartitionId() {
    return lastPartitionId;
  }

  /**
   * The order that rows of new data files have; unsorted if the table's own cannot be followed:
   * made by a transform, or from a column, that DataShard does not know.
   */
  public SortOrder sortOrder() {
    return sortOrder;
  }

  /** All sort orders. */
  List<KeptSortOrder> sortOrders() {
    return sortOrders;
  }

  /** Which of them is the table's own. */
  public int defaultSortOrderId() {
    return defaultSortOrderId;
  }

  /** The table properties, in the order they were written. */
  public Map<String, String> properties() {
    return properties;
  }

  /** The id of {@link #currentSnapshot()}; null for a table without one. */
  public @Nullable Long currentSnapshotId() {
    return currentSnapshotId;
  }

  /** The snapshot that a plain scan reads; empty for a table that never had one. */
  public Optional<Snapshot> currentSnapshot() {
    return currentSnapshotId == null ? Optional.empty() : snapshot(currentSnapshotId);
  }

  /** The listed snapshot with this id. */
  public Optional<Snapshot> snapshot(long snapshotId) {
    return Optional.ofNullable(snapshotById.get(snapshotId));
  }

  /** The listed snapshots, oldest first if DataShard wrote them. */
  public List<Snapshot> snapshots() {
    return snapshots;
  }

  /** Which snapshot became current when, oldest first. */
  public List<SnapshotLogEntry> snapshotLog() {
    return snapshotLog;
  }

  /** Earlier metadata files, oldest first. */
  public List<MetadataLogEntry> metadataLog() {
    return metadataLog;
  }

  /** Branches and tags by name; {@code main} is there whenever there is a current snapshot. */
  public Map<String, SnapshotRef> refs() {
    return refs;
  }

  /** Top-level fields that this version does not know, name to JSON text. */
  public Map<String, String> unknown() {
    return unknown;
  }

  KeptJson kept() {
    return kept;
  }

  /** Collects what a version says; every check is made by {@link #build()}. */
  public static final class Builder {
    private int formatVersion = FORMAT_VERSION;
    private final UUID tableUuid;
    private String location;
    private long lastSequenceNumber;
    private long lastUpdatedMillis;
    private int lastColumnId;
    private List<Schema> schemas = List.of();
    private int currentSchemaId;
    private List<PartitionSpec> specs = List.of();
    private int defaultSpecId;
    private int lastPartitionId = LAST_PARTITION_ID_NONE;
    private List<KeptSortOrder> sortOrders = List.of(KeptSortOrder.UNSORTED);
    private int defaultSortOrderId;
    private Map<String, String> properties = Map.of();
    private @Nullable Long currentSnapshotId;
    private List<Snapshot> snapshots = List.of();
    private List<SnapshotLogEntry> snapshotLog = List.of();
    private List<MetadataLogEntry> metadataLog = List.of();
    private Map<String, SnapshotRef> refs = Map.of();
    private Map<String, String> unknown = Map.of();
    private KeptJson kept = KeptJson.NONE;

    Builder(UUID tableUuid, String location) {
      this.tableUuid = tableUuid;
      this.location = location;
    }

    private Builder(TableMetadata from) {
      formatVersion = from.formatVersion;
      tableUuid = from.tableUuid;
      location = from.location;
      lastSequenceNumber = from.lastSequenceNumber;
      lastUpdatedMillis = from.lastUpdatedMillis;
      lastColumnId = from.lastColumnId;
      schemas = from.schemas;
      currentSchemaId = from.currentSchemaId;
      specs = from.specs;
      defaultSpecId = from.defaultSpecId;
      lastPartitionId = from.lastPartitionId;
      sortOrders = from.sortOrders;
      defaultSortOrderId = from.defaultSortOrderId;
      properties = from.properties;
      currentSnapshotId = from.currentSnapshotId;
      snapshots = from.snapshots;
      snapshotLog = from.snapshotLog;
      metadataLog = from.metadataLog;
      refs = from.refs;
      unknown = from.unknown;
      kept = from.kept;
    }

    Builder formatVersion(int version) {
      formatVersion = version;
      return this;
    }

    Builder kept(KeptJson json) {
      kept = json;
      return this;
    }

    /** The table's folder, absolute, with scheme. */
    public Builder location(String newLocation) {
      location = newLocation;
      return this;
    }

    /** The highest sequence number of any commit; {@link #addSnapshot} sets it. */
    public Builder lastSequenceNumber(long number) {
      lastSequenceNumber = number;
      return this;
    }

    /** When this version is made; {@link #addSnapshot} sets it. */
    public Builder lastUpdatedMillis(long millis) {
      lastUpdatedMillis = millis;
      return this;
    }

    /** The highest column id ever given. */
    public Builder lastColumnId(int id) {
      lastColumnId = id;
      return this;
    }

    /** All schemas, and which is current. */
    public Builder schemas(List<Schema> all, int currentId) {
      schemas = all;
      currentSchemaId = currentId;
      return this;
    }

    /** All partition specs, and which new data files follow. */
    public Builder specs(List<PartitionSpec> all, int defaultId) {
      specs = all;
      defaultSpecId = defaultId;
      return this;
    }

    /** The highest partition field id ever given. */
    public Builder lastPartitionId(int id) {
      lastPartitionId = id;
      return this;
    }

    /** All sort orders, and which is the table's own. */
    Builder sortOrders(List<KeptSortOrder> all, int defaultId) {
      sortOrders = all;
      defaultSortOrderId = defaultId;
      return this;
    }

    /** All table properties. */
    public Builder properties(Map<String, String> all) {
      properties = all;
      return this;
    }

    /** Sets one table property. */
    public Builder property(String key, String value) {
      Map<String, String> all = new LinkedHashMap<>(properties);
      all.put(key, value);
      properties = all;
      return this;
    }

    /** The listed snapshots. */
    public Builder snapshots(List<Snapshot> all) {
      snapshots = all;
      kept = kept.only(all);
      return this;
    }

    /** Makes a listed snapshot current and moves the branch main to it; null for none. */
    public Builder currentSnapshotId(@Nullable Long id) {
      currentSnapshotId = id;
      Map<String, SnapshotRef> all = new LinkedHashMap<>(refs);
      if (id == null) {
        all.remove(SnapshotRef.MAIN);
      } else {
        all.compute(
            SnapshotRef.MAIN, (name, old) -> old == null ? SnapshotRef.branch(id) : old.at(id));
      }
      refs = all;
      return this;
    }

    /** Which snapshot became current when. */
    public Builder snapshotLog(List<SnapshotLogEntry> all) {
      snapshotLog = all;
      return this;
    }

    /** Earlier metadata files. */
    public Builder metadataLog(List<MetadataLogEntry> all) {
      metadataLog = all;
      return this;
    }

    /** Branches and tags by name; {@code main} must be at the current snapshot. */
    public Builder refs(Map<String, SnapshotRef> all) {
      refs = all;
      return this;
    }

    /** Top-level fields that this version does not know, name to JSON text. */
    public Builder unknown(Map<String, String> all) {
      unknown = all;
      return this;
    }

    /**
     * Lists the snapshot, makes it current, moves the branch main, logs it, and takes its sequence
     * number and time as the table's.
     */
    public Builder addSnapshot(Snapshot snapshot) {
      snapshots = with(snapshots, snapshot);
      kept = kept.with(snapshot);
      snapshotLog =
          with(
              snapshotLog, new SnapshotLogEntry(snapshot.timestampMillis(), snapshot.snapshotId()));
      lastSequenceNumber = Math.max(lastSequenceNumber, snapshot.sequenceNumber());
      lastUpdatedMillis = snapshot.timestampMillis();
      return currentSnapshotId(snapshot.snapshotId());
    }

    /**
     * Logs the metadata file that this version is made from.
     *
     * @param entriesMax the oldest entries beyond this number are dropped
     */
    public Builder addMetadataLog(MetadataLogEntry entry, int entriesMax) {
      List<MetadataLogEntry> all = with(metadataLog, entry);
      metadataLog = all.subList(Math.max(0, all.size() - entriesMax), all.size());
      return this;
    }

    private static <T> List<T> with(List<T> list, T last) {
      List<T> all = new ArrayList<>(list.size() + 1);
      all.addAll(list);
      all.add(last);
      return all;
    }

    /**
     * The version.
     *
     * @throws IllegalArgumentException an id names no schema, spec, sort order or snapshot of the
     *     version, or an id is listed twice
     */
    public TableMetadata build() {
      return new TableMetadata(this);
    }
  }
}
