package io.datashard.internal.metadata;

import com.fasterxml.jackson.core.io.SerializedString;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.table.Snapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The JSON text that parts of a metadata file were read from, so that an unchanged part is written
 * back as it was, with whatever fields DataShard does not know; and that of snapshots which were
 * added since, so that each is made into text once and not with every commit that lists it. The
 * maps are never changed.
 */
record KeptJson(
    Map<Integer, Part<Schema>> schemas,
    Map<Integer, Part<PartitionSpec>> specs,
    Map<Long, Part<Snapshot>> snapshots) {
  static final KeptJson NONE = new KeptJson(Map.of(), Map.of(), Map.of());

  /**
   * One part.
   *
   * @param value what was made of it; the text holds only while the value is the same
   * @param json the whole object
   * @param unknown its fields that DataShard does not know, name to JSON text
   */
  record Part<T>(T value, SerializedString json, Map<String, String> unknown) {
    /** A part with this text, which is encoded once however often it is written. */
    Part(T value, String json, Map<String, String> unknown) {
      this(value, new SerializedString(json), unknown);
    }

    /** Whether the text is that of a value. */
    boolean holds(T other) {
      return value == other || value.equals(other);
    }
  }

  /** The same with one snapshot more. */
  KeptJson with(Snapshot snapshot) {
    Map<Long, Part<Snapshot>> all = new HashMap<>(snapshots);
    String json = TableMetadataJson.write(snapshot);
    all.put(snapshot.snapshotId(), new Part<>(snapshot, json, Map.of()));
    return new KeptJson(schemas, specs, all);
  }

  /** The same with no other snapshots than these. */
  KeptJson only(List<Snapshot> listed) {
    Map<Long, Part<Snapshot>> left = new HashMap<>();
    for (Snapshot snapshot : listed) {
      Part<Snapshot> part = snapshots.get(snapshot.snapshotId());
      if (part != null) {
        left.put(snapshot.snapshotId(), part);
      }
    }
    return new KeptJson(schemas, specs, left);
  }
}
