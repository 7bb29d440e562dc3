package io.datashard.internal.metadata;

import io.datashard.table.Snapshot;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One state of a table as a table of its own, for engines that cannot reach it otherwise. */
public final class SingleState {
  /** Fields about snapshots that the state does not have. */
  private static final Set<String> OF_OTHERS = Set.of("statistics", "partition-statistics");

  private SingleState() {}

  /**
   * What a metadata file of the table says that lists this snapshot alone and has it as the current
   * one, with the columns that it was made with.
   *
   * @param newest a version as new as the snapshot or newer
   */
  public static TableMetadata of(TableMetadata newest, Snapshot snapshot) {
    long id = snapshot.snapshotId();
    SnapshotRef main = newest.refs().getOrDefault(SnapshotRef.MAIN, SnapshotRef.branch(id));
    Map<String, String> properties = new LinkedHashMap<>(newest.properties());
    properties.keySet().removeAll(TableProperties.SET_BY_COMMITS);
    Map<String, String> unknown = new LinkedHashMap<>(newest.unknown());
    unknown.keySet().removeAll(OF_OTHERS);
    Set<Integer> known = new HashSet<>();
    newest.schemas().forEach(schema -> known.add(schema.id()));
    Integer schemaId = snapshot.schemaId();
    return newest.toBuilder()
        .schemas(
            newest.schemas(),
            schemaId != null && known.contains(schemaId) ? schemaId : newest.currentSchemaId())
        .properties(properties)
        .snapshots(List.of(snapshot))
        .refs(Map.of(SnapshotRef.MAIN, main.at(id)))
        .currentSnapshotId(id)
        .snapshotLog(List.of(new TableMetadata.SnapshotLogEntry(snapshot.timestampMillis(), id)))
        .metadataLog(List.of())
        .lastSequenceNumber(snapshot.sequenceNumber())
        .lastUpdatedMillis(snapshot.timestampMillis())
        .unknown(unknown)
        .build();
  }
}
