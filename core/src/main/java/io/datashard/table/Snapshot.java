package io.datashard.table;

import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The state of a table after one commit. Spec: Iceberg table spec, "Snapshots".
 *
 * @param snapshotId its id, random
 * @param parentId the snapshot it was made from; null for the first
 * @param sequenceNumber counts the table's commits
 * @param timestampMillis when it was made, milliseconds since 1970-01-01T00:00Z
 * @param manifestList where its manifest list is
 * @param schemaId the schema that was current; null if not recorded
 * @param summary {@code operation} and counts, as the spec names them
 */
public record Snapshot(
    long snapshotId,
    @Nullable Long parentId,
    long sequenceNumber,
    long timestampMillis,
    String manifestList,
    @Nullable Integer schemaId,
    Map<String, String> summary) {

  public Snapshot {
    summary = Collections.unmodifiableMap(new LinkedHashMap<>(summary));
  }

  /** What the commit did: append, replace, overwrite or delete. */
  public String operation() {
    return summary.getOrDefault("operation", "unknown");
  }

  /** When it was made. */
  public Instant timestamp() {
    return Instant.ofEpochMilli(timestampMillis);
  }
}
