package io.datashard.internal.history;

import io.datashard.error.DataShardException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.table.Snapshot;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the files of the archive that the next version names. */
final class Archiver {
  private static final Logger LOG = LoggerFactory.getLogger(Archiver.class);

  /** A small segment, in snapshots: about what leaves the head at once when commits are fast. */
  private static final long SEGMENT_SNAPSHOTS = 16;

  /** What is merged in one commit. */
  private static final long MERGE_BYTES_MAX = 4 << 20;

  /** So many more log entries than snapshots a head lists: rollbacks make entries only. */
  private static final int LOG_ENTRIES_MORE_MAX = 64;

  private final ArchiveFiles files;
  private volatile String complainedOf = "";

  Archiver(ArchiveFiles files) {
    this.files = files;
  }

  /** As {@link History#cut} says. */
  Optional<Cut> cut(TableMetadata base, long baseBytes, long nowMillis, long version, long random) {
    List<Snapshot> moved = HeadSize.tooMany(base, baseBytes, nowMillis);
    List<SnapshotLogEntry> log = base.snapshotLog();
    if (moved.isEmpty() && log.size() <= base.snapshots().size() + LOG_ENTRIES_MORE_MAX) {
      return Optional.empty();
    }
    List<Segment> before;
    try {
      before = files.root(base).segments();
    } catch (DataShardException e) {
      complain("Older snapshots stay listed, because the archive cannot be read.", e);
      return Optional.empty();
    }
    List<Snapshot> listed = without(base.snapshots(), moved);
    int logMoved = entriesToMove(log, listed);
    List<Part> parts = parts(base, moved, log.subList(0, logMoved));
    List<Segment> segments = new ArrayList<>(before);
    SegmentWriter.Written added =
        add(parts, ArchiveFile.keyOf(version, random, ArchiveFile.SEGMENT), segments);

    Root root = new Root(segments);
    byte[] rootBytes = root.bytes();
    String rootKey = ArchiveFile.keyOf(version, random, ArchiveFile.ROOT);
    Reference reference =
        new Reference(
            rootKey,
            rootBytes.length,
            ArchiveFile.checksum(rootBytes, 0, rootBytes.length),
            root.snapshots());
    String key = added.segment().key();
    files.remember(key, added.bytes());
    files.remember(rootKey, rootBytes);
    return Optional.of(
        new Cut(
            listed,
            log.subList(logMoved, log.size()),
            reference.toString(),
            Map.of(key, ByteBuffer.wrap(added.bytes()), rootKey, ByteBuffer.wrap(rootBytes))));
  }

  /** Once for each archive and kind of error, not with every commit. */
  private void complain(String what, DataShardException e) {
    String text = what + " " + e.getMessage();
    if (text.equals(complainedOf)) {
      LOG.debug("{}", text);
    } else {
      complainedOf = text;
      LOG.warn("{}", text);
    }
  }

  private static List<Snapshot> without(List<Snapshot> all, List<Snapshot> moved) {
    Set<Long> gone = idsOf(moved);
    return all.stream().filter(each -> !gone.contains(each.snapshotId())).toList();
  }

  private static Set<Long> idsOf(List<Snapshot> snapshots) {
    Set<Long> ids = new HashSet<>();
    snapshots.forEach(snapshot -> ids.add(snapshot.snapshotId()));
    return ids;
  }

  /**
   * The log is cut behind the last entry that names a snapshot which is not listed any more; the
   * last entry, that of the current snapshot, stays in any case.
   */
  private static int entriesToMove(List<SnapshotLogEntry> log, List<Snapshot> listed) {
    Set<Long> ids = idsOf(listed);
    int count = log.size();
    while (count > 0 && ids.contains(log.get(count - 1).snapshotId())) {
      count--;
    }
    int tooMany = log.size() - Math.max(1, listed.size());
    return tooMany > LOG_ENTRIES_MORE_MAX ? Math.max(count, tooMany) : count;
  }

  /** Text for one block. */
  private record Part(String text, Extent extent) {}

  private static List<Part> parts(
      TableMetadata base, List<Snapshot> moved, List<SnapshotLogEntry> log) {
    List<Part> parts = new ArrayList<>();
    int end = 0;
    int logEnd = 0;
    do {
      int start = end;
      int logStart = logEnd;
      end = Math.min(moved.size(), start + SegmentWriter.BLOCK_SNAPSHOTS_MAX);
      List<Snapshot> some = moved.subList(start, end);
      Set<Long> ids = idsOf(some);
      logEnd = end == moved.size() ? log.size() : logEnd;
      while (logEnd < log.size() && ids.contains(log.get(logEnd).snapshotId())) {
        logEnd++;
      }
      List<SnapshotLogEntry> someLog = log.subList(logStart, logEnd);
      parts.add(new Part(Page.write(base, some, someLog), Extent.of(some, someLog)));
    } while (end < moved.size());
    return parts;
  }

  /** Adds a segment of these parts, which takes the place of the last ones if it is their turn. */
  private SegmentWriter.Written add(List<Part> parts, String key, List<Segment> segments) {
    SegmentWriter.Written added = written(List.of(), parts, key);
    int from = mergeFrom(segments, added.segment());
    if (from < segments.size()) {
      List<Segment> merged = segments.subList(from, segments.size());
      try {
        added = written(merged, parts, key);
        merged.clear();
      } catch (DataShardException e) {
        complain("Segments of older snapshots are not merged, because one cannot be read.", e);
      }
    }
    segments.add(added.segment());
    return added;
  }

  private SegmentWriter.Written written(List<Segment> merged, List<Part> parts, String key) {
    SegmentWriter writer = new SegmentWriter();
    for (Segment segment : merged) {
      try (ArchiveFiles.Opened opened = files.open(segment)) {
        writer.addAll(opened);
      }
    }
    parts.forEach(part -> writer.add(part.text(), part.extent()));
    return writer.finish(key);
  }

  private static int mergeFrom(List<Segment> before, Segment added) {
    List<Segment> all = new ArrayList<>(before);
    all.add(added);
    return Math.min(
        before.size(),
        Tiers.mergeFrom(
            all.stream().mapToLong(each -> Math.max(1, each.extent().snapshots())).toArray(),
            all.stream().mapToLong(Segment::length).toArray(),
            SEGMENT_SNAPSHOTS,
            MERGE_BYTES_MAX));
  }
}
