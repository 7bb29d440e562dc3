package io.datashard.internal.history;

import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.internal.metadata.Words;
import io.datashard.table.Snapshot;
import java.util.List;

/**
 * What a stretch of history holds, so that a search knows whether to look inside.
 *
 * @param snapshots how many
 * @param sequences their sequence numbers
 * @param ids those of their ids that tell their time; close together
 * @param otherIds their other ids, which other writers drew
 * @param logEntries how many entries of the snapshot log
 * @param logMillis the times of these
 */
record Extent(
    long snapshots, Span sequences, Span ids, Span otherIds, long logEntries, Span logMillis) {
  static final Extent NONE = new Extent(0, Span.NONE, Span.NONE, Span.NONE, 0, Span.NONE);

  static Extent of(List<Snapshot> snapshots, List<SnapshotLogEntry> log) {
    Span sequences = Span.NONE;
    Span ids = Span.NONE;
    Span otherIds = Span.NONE;
    Span logMillis = Span.NONE;
    for (Snapshot snapshot : snapshots) {
      sequences = sequences.with(snapshot.sequenceNumber());
      if (SnapshotIds.isTimed(snapshot)) {
        ids = ids.with(snapshot.snapshotId());
      } else {
        otherIds = otherIds.with(snapshot.snapshotId());
      }
    }
    for (SnapshotLogEntry entry : log) {
      logMillis = logMillis.with(entry.timestampMillis());
    }
    return new Extent(snapshots.size(), sequences, ids, otherIds, log.size(), logMillis);
  }

  Extent and(Extent other) {
    return new Extent(
        snapshots + other.snapshots,
        sequences.and(other.sequences),
        ids.and(other.ids),
        otherIds.and(other.otherIds),
        logEntries + other.logEntries,
        logMillis.and(other.logMillis));
  }

  boolean mayHold(long snapshotId) {
    return ids.has(snapshotId) || otherIds.has(snapshotId);
  }

  void write(StringBuilder out) {
    out.append(snapshots);
    write(sequences, out);
    write(ids, out);
    write(otherIds, out);
    out.append(' ').append(logEntries);
    write(logMillis, out);
  }

  private static void write(Span span, StringBuilder out) {
    if (span.min() > span.max()) {
      out.append(" - -");
    } else {
      out.append(' ').append(span.min()).append(' ').append(span.max());
    }
  }

  static Extent read(Words words) {
    return new Extent(
        words.count(Long.MAX_VALUE >> 8),
        readSpan(words),
        readSpan(words),
        readSpan(words),
        words.count(Long.MAX_VALUE >> 8),
        readSpan(words));
  }

  private static Span readSpan(Words words) {
    String min = words.next();
    String max = words.next();
    if (min.equals("-") && max.equals("-")) {
      return Span.NONE;
    }
    Words both = new Words(min + " " + max);
    return new Span(both.number(), both.number());
  }
}
