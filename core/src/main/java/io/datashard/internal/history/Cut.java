package io.datashard.internal.history;

import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.internal.metadata.TableProperties;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * What the next version lists, and the files that hold the rest: to be durable before it.
 *
 * @param listed the snapshots of the base that stay listed
 * @param log the log entries that stay
 * @param reference how the version names the archive
 * @param files content by key
 */
public record Cut(
    List<Snapshot> listed,
    List<SnapshotLogEntry> log,
    String reference,
    Map<String, ByteBuffer> files) {
  public Cut {
    listed = List.copyOf(listed);
    log = List.copyOf(log);
    files = Map.copyOf(files);
  }

  /** Applies it to what the next version says. */
  public TableMetadata.Builder applyTo(TableMetadata.Builder next) {
    return next.snapshots(listed).snapshotLog(log).property(TableProperties.HISTORY, reference);
  }
}
