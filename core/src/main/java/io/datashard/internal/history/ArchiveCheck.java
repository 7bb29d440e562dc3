package io.datashard.internal.history;

import io.datashard.error.DataShardException;
import io.datashard.internal.metadata.TableMetadata;
import io.datashard.internal.metadata.TableMetadata.SnapshotLogEntry;
import io.datashard.storage.Storage;
import io.datashard.table.Snapshot;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Reads every file of archives, each block of it, and tells what is damaged, missing, or not as the
 * file that names it says. Goes on behind damage. Used once.
 */
public final class ArchiveCheck {
  /** Clocks of writers may differ by so much; the spec lets the snapshot log run back as far. */
  private static final long LOG_BACK_MILLIS_MAX = 60_000;

  private final ArchiveFiles files;
  private final BiConsumer<String, String> damage;
  private final Set<String> seen = new HashSet<>();

  /**
   * A check of the archives of this storage's table.
   *
   * @param damage is told a file's key and what is wrong with it
   */
  public ArchiveCheck(Storage storage, BiConsumer<String, String> damage) {
    this.files = new ArchiveFiles(storage);
    this.damage = damage;
  }

  /**
   * Checks the archive that a version names, but for the files that were checked before.
   *
   * @param versionKey the version's file
   * @return the keys of the archive's files, as far as they can be told
   */
  public Set<String> check(String versionKey, TableMetadata metadata) {
    Set<String> keys = new LinkedHashSet<>();
    guarded(
        versionKey,
        () -> {
          Reference reference = Reference.of(metadata);
          if (reference != null) {
            keys.add(reference.key());
            if (seen.add(reference.key())) {
              guarded(reference.key(), () -> files.root(reference));
            }
          }
        });
    for (Segment segment : segments(metadata)) {
      keys.add(segment.key());
      if (seen.add(segment.key())) {
        long[] lastMillis = {Long.MIN_VALUE / 2};
        forEachPage(segment, (block, page) -> checkPage(segment, block, page, lastMillis), true);
      }
    }
    return keys;
  }

  private void checkPage(Segment segment, Block block, Page page, long[] lastMillis) {
    Extent found = Extent.of(page.snapshots(), page.log());
    if (!found.equals(block.extent())) {
      damage.accept(
          segment.key(),
          "The block at "
              + block.offset()
              + " holds "
              + found
              + ", its index says "
              + block.extent());
    }
    for (SnapshotLogEntry entry : page.log()) {
      if (entry.timestampMillis() < lastMillis[0] - LOG_BACK_MILLIS_MAX) {
        damage.accept(
            segment.key(),
            "The snapshot log runs back: after an entry of "
                + lastMillis[0]
                + " comes one of "
                + entry.timestampMillis()
                + ", snapshot "
                + entry.snapshotId()
                + ".");
      }
      lastMillis[0] = Math.max(lastMillis[0], entry.timestampMillis());
    }
  }

  /**
   * Hands over the archived snapshots of a version, segment by segment, but for those in damaged
   * blocks. A snapshot that is there twice is a damage.
   */
  public void forEachSnapshot(TableMetadata metadata, Consumer<Snapshot> each) {
    Map<Long, Long> idBySequence = new HashMap<>();
    Set<Long> ids = new HashSet<>();
    for (Segment segment : segments(metadata)) {
      forEachPage(
          segment,
          (block, page) -> {
            for (Snapshot snapshot : page.snapshots()) {
              Long before = idBySequence.put(snapshot.sequenceNumber(), snapshot.snapshotId());
              if (before != null || !ids.add(snapshot.snapshotId())) {
                damage.accept(
                    segment.key(),
                    "Snapshot "
                        + snapshot.snapshotId()
                        + " with sequence number "
                        + snapshot.sequenceNumber()
                        + " is archived, and so is "
                        + (before == null ? "another of this id" : before)
                        + ".");
              } else {
                each.accept(snapshot);
              }
            }
          },
          false);
    }
  }

  /** None if they cannot be told, which was told as damage. */
  private List<Segment> segments(TableMetadata metadata) {
    try {
      return files.root(metadata).segments();
    } catch (DataShardException e) {
      return List.of();
    }
  }

  private void forEachPage(Segment segment, BiConsumer<Block, Page> each, boolean tell) {
    try (ArchiveFiles.Opened opened = files.open(segment)) {
      for (Block block : opened.blocks()) {
        Page page;
        try {
          page = opened.page(block);
        } catch (DataShardException e) {
          if (tell) {
            damage.accept(segment.key(), String.valueOf(e.getMessage()));
          }
          continue;
        }
        each.accept(block, page);
      }
    } catch (DataShardException e) {
      if (tell) {
        damage.accept(segment.key(), String.valueOf(e.getMessage()));
      }
    }
  }

  private void guarded(String key, Runnable check) {
    try {
      check.run();
    } catch (DataShardException e) {
      damage.accept(key, String.valueOf(e.getMessage()));
    }
  }
}
