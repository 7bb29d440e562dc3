package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.SnapshotJson;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.internal.metadata.Words;
import io.datashard.table.Snapshot;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a block holds, as text: a line of JSON for each snapshot, as the head listed it, and a line
 * of time and id for each entry of the snapshot log, both in their order.
 *
 * @param snapshots by sequence number
 * @param log in the order of the log
 */
record Page(List<Snapshot> snapshots, List<SnapshotLogEntry> log) {
  Page {
    snapshots = List.copyOf(snapshots);
    log = List.copyOf(log);
  }

  /** The text of these snapshots, listed by this version. */
  static String write(
      TableMetadata metadata, List<Snapshot> snapshots, List<SnapshotLogEntry> log) {
    StringBuilder text = new StringBuilder(600 * snapshots.size());
    int next = 0;
    for (Snapshot snapshot : snapshots) {
      text.append(SnapshotJson.write(metadata, snapshot)).append('\n');
      // Beside its snapshot an entry deflates to almost nothing.
      while (next < log.size() && log.get(next).snapshotId() == snapshot.snapshotId()) {
        write(log.get(next++), text);
      }
    }
    log.subList(next, log.size()).forEach(entry -> write(entry, text));
    return text.toString();
  }

  private static void write(SnapshotLogEntry entry, StringBuilder text) {
    text.append(entry.timestampMillis()).append(' ').append(entry.snapshotId()).append('\n');
  }

  /** Reads such a text, which must hold what the index says. */
  static Page read(String text, Extent extent, String segment) {
    List<Snapshot> snapshots = new ArrayList<>();
    List<SnapshotLogEntry> log = new ArrayList<>();
    for (int start = 0, end; start < text.length(); start = end + 1) {
      end = text.indexOf('\n', start);
      if (end < 0) {
        throw new CorruptTableException(segment + " has a block that does not end with a line.");
      }
      String line = text.substring(start, end);
      if (line.startsWith("{")) {
        snapshots.add(SnapshotJson.read(line, segment));
      } else {
        log.add(readEntry(line, segment));
      }
    }
    snapshots.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
    if (snapshots.size() != extent.snapshots() || log.size() != extent.logEntries()) {
      throw new CorruptTableException(
          segment
              + " has a block of "
              + snapshots.size()
              + " snapshots and "
              + log.size()
              + " log entries, its index says "
              + extent.snapshots()
              + " and "
              + extent.logEntries()
              + ".");
    }
    return new Page(snapshots, log);
  }

  private static SnapshotLogEntry readEntry(String line, String segment) {
    try {
      Words words = new Words(line);
      SnapshotLogEntry entry = new SnapshotLogEntry(words.number(), words.number());
      words.end();
      return entry;
    } catch (IllegalArgumentException e) {
      throw new CorruptTableException(segment + ": " + e.getMessage() + ".", e);
    }
  }
}
