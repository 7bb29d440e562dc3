package io.datashard.internal.history;

import io.datashard.error.CorruptTableException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import io.datashard.table.TableHistory;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All snapshots of a table: the head lists the newest, the archive holds the older ones (I10).
 *
 * <p>The archive is a root, named by the head with length and checksum, and the segments that the
 * root names in the same way. None of these files ever changes: a version that archives more names
 * a new root. Segments of one size become one ({@link Tiers}), so there are few, and the root tells
 * of each what it holds: a search reads the root and mostly one segment. Safe for use by many
 * threads.
 */
public final class History {
  private final Storage storage;
  private final ArchiveFiles files;
  private final Archiver archiver;

  /** The history of the table of this storage; nothing is read yet. */
  public History(Storage storage) {
    this.storage = storage;
    this.files = new ArchiveFiles(storage);
    this.archiver = new Archiver(files);
  }

  /**
   * How many snapshots the version does not list itself.
   *
   * @throws CorruptTableException it names its archive in no way that can be read
   */
  public long archived(TableMetadata metadata) {
    Reference reference = Reference.of(metadata);
    return reference == null ? 0 : reference.snapshots();
  }

  /**
   * How much is listed and how much archived.
   *
   * @throws CorruptTableException the archive's root is missing or damaged
   */
  public TableHistory sizes(TableMetadata metadata) {
    long listed = metadata.snapshots().size();
    Reference reference = Reference.of(metadata);
    if (reference == null) {
      return new TableHistory(listed, 0, 0, 0);
    }
    List<Segment> segments = files.root(reference).segments();
    long bytes = reference.length() + segments.stream().mapToLong(Segment::length).sum();
    return new TableHistory(listed, reference.snapshots(), 1 + segments.size(), bytes);
  }

  /**
   * The keys of the files that hold what the version does not list.
   *
   * @throws CorruptTableException the archive's root is missing or damaged
   */
  public Set<String> files(TableMetadata metadata) {
    Reference reference = Reference.of(metadata);
    if (reference == null) {
      return Set.of();
    }
    Set<String> keys = new LinkedHashSet<>(Set.of(reference.key()));
    files.root(reference).segments().forEach(segment -> keys.add(segment.key()));
    return keys;
  }

  /**
   * Hands over the archived snapshots of a version, in no order, but for those in files that were
   * read before.
   *
   * @param seen the keys of the archive's files that were read; those of this version are added
   * @throws CorruptTableException a file of the archive is missing or damaged
   */
  public void forEachArchived(TableMetadata metadata, Set<String> seen, Consumer<Snapshot> each) {
    Reference reference = Reference.of(metadata);
    if (reference == null) {
      return;
    }
    for (Segment segment : files.root(reference).segments()) {
      if (!seen.contains(segment.key())) {
        try (ArchiveFiles.Opened opened = files.open(segment)) {
          for (Block block : opened.blocks()) {
            opened.page(block).snapshots().forEach(each);
          }
        }
        seen.add(segment.key());
      }
    }
    seen.add(reference.key());
  }

  /**
   * The snapshots after this sequence number, oldest first, read as they are asked for.
   *
   * @throws CorruptTableException a file of the archive is missing or damaged; also from the
   *     iterator
   */
  public Iterator<Snapshot> snapshots(TableMetadata metadata, long afterSequence) {
    return new Walk(files, files.root(metadata).segments(), metadata.snapshots(), afterSequence);
  }

  /**
   * The snapshot of this id, listed or not.
   *
   * @throws CorruptTableException a file of the archive is missing or damaged
   */
  public Optional<Snapshot> find(TableMetadata metadata, long id) {
    Optional<Snapshot> listed = metadata.snapshot(id);
    if (listed.isPresent()) {
      return listed;
    }
    List<Segment> segments = files.root(metadata).segments();
    for (int i = segments.size() - 1; i >= 0; i--) {
      if (segments.get(i).extent().mayHold(id)) {
        Snapshot found = find(segments.get(i), id);
        if (found != null) {
          return Optional.of(found);
        }
      }
    }
    return Optional.empty();
  }

  private @Nullable Snapshot find(Segment segment, long id) {
    try (ArchiveFiles.Opened opened = files.open(segment)) {
      for (Block block : opened.blocks()) {
        if (block.extent().mayHold(id)) {
          for (Snapshot snapshot : opened.page(block).snapshots()) {
            if (snapshot.snapshotId() == id) {
              return snapshot;
            }
          }
        }
      }
    }
    return null;
  }

  /**
   * The id of the snapshot that was current at this time: that of the last log entry at or before
   * it, because a rollback makes an older snapshot current again. Empty before the first.
   *
   * @throws CorruptTableException a file of the archive is missing or damaged
   */
  public OptionalLong currentAt(TableMetadata metadata, long millis) {
    OptionalLong listed = lastAt(metadata.snapshotLog(), millis);
    if (listed.isPresent()) {
      return listed;
    }
    List<Segment> segments = files.root(metadata).segments();
    for (int i = segments.size() - 1; i >= 0; i--) {
      if (segments.get(i).extent().logMillis().min() <= millis) {
        OptionalLong found = lastAt(segments.get(i), millis);
        if (found.isPresent()) {
          return found;
        }
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong lastAt(Segment segment, long millis) {
    try (ArchiveFiles.Opened opened = files.open(segment)) {
      List<Block> blocks = opened.blocks();
      for (int i = blocks.size() - 1; i >= 0; i--) {
        if (blocks.get(i).extent().logMillis().min() <= millis) {
          OptionalLong found = lastAt(opened.page(blocks.get(i)).log(), millis);
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong lastAt(List<SnapshotLogEntry> log, long millis) {
    for (int i = log.size() - 1; i >= 0; i--) {
      if (log.get(i).timestampMillis() <= millis) {
        return OptionalLong.of(log.get(i).snapshotId());
      }
    }
    return OptionalLong.empty();
  }

  /** When the table got its first snapshot, as the log tells, ms; empty if it has none. */
  public OptionalLong firstMillis(TableMetadata metadata) {
    for (Segment segment : files.root(metadata).segments()) {
      if (segment.extent().logEntries() > 0) {
        return OptionalLong.of(segment.extent().logMillis().min());
      }
    }
    return metadata.snapshotLog().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(metadata.snapshotLog().get(0).timestampMillis());
  }

  /**
   * Deletes the files that neither the oldest version that counts nor any later one reaches.
   *
   * @param number that of the oldest version; it is durable that no older one counts
   * @throws CorruptTableException its archive cannot be read; nothing was deleted (I7)
   * @throws io.datashard.error.StorageException the store refused; what is left is deleted another
   *     time
   */
  public void clean(TableMetadata oldest, long number) {
    if (Reference.of(oldest) == null) {
      return;
    }
    Set<String> reached = files(oldest);
    ArchiveFile.FILES
        .unreached(storage.names(ArchiveFile.FOLDER, ""), number, reached)
        .forEach(storage::delete);
  }

  /**
   * What to archive with the next version; empty if the head need not get shorter now. Nothing is
   * written yet. Made anew for each base, because another commit may have archived meanwhile (I10).
   *
   * <p>An archive that cannot be read does not stop commits: the head grows instead.
   *
   * @param base what the next version is made from
   * @param baseBytes the length of the base's file
   * @param version the number of the next version
   * @param random for names
   */
  public Optional<Cut> cut(
      TableMetadata base, long baseBytes, long nowMillis, long version, long random) {
    return archiver.cut(base, baseBytes, nowMillis, version, random);
  }
}
