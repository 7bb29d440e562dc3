package io.datashard.internal.care;

import io.datashard.error.ConflictException;
import io.datashard.error.CorruptTableException;
import io.datashard.error.DataShardException;
import io.datashard.error.StorageException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.internal.env.Env;
import io.datashard.internal.log.Version;
import io.datashard.internal.log.VersionLog;
import io.datashard.storage.Locations;
import io.datashard.storage.Storage;
import io.datashard.table.OrphanFiles;
import io.datashard.table.OrphanFiles.OrphanFile;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;

/**
 * Deletes the files that killed writers and lost attempts left behind (I7). Used once.
 *
 * <p>First a fence is committed, then all roots are read, then the files are listed; those that no
 * root reaches, that are older than the grace by the store's clock, and that are called as
 * DataShard calls its files, are deleted. Why nothing is deleted that an append still needs is in
 * docs/design/cleaning.md. Any doubt ends it before the first file is deleted. What a crash leaves
 * is deleted another time, since nothing of it depends on anything else.
 */
public final class OrphanSweep {
  /** So often the newest version is read again when it was cleaned away in the middle. */
  private static final int READS_MAX = 20;

  /** The times of a store with several servers may differ by so much. */
  private static final long CLOCK_BACK_MILLIS_MAX = 60_000;

  /** After so many deletes it looks whether the table is still the same. */
  private static final int DELETES_PER_LOOK = 256;

  private final Storage storage;
  private final Env env;
  private final VersionLog log;
  private final LongUnaryOperator fence;

  /**
   * A clean-up of the table of this storage.
   *
   * @param fence commits a fence, see {@link io.datashard.internal.commit.Committer#fence}: from
   *     since when files are kept, milliseconds, to the number of its version
   */
  public OrphanSweep(Storage storage, Env env, LongUnaryOperator fence) {
    this.storage = storage;
    this.env = env;
    this.log = new VersionLog(storage, env);
    this.fence = fence;
  }

  /**
   * Does it.
   *
   * @param grace younger files are left alone; at least 1 ms
   * @param isDry whether nothing is committed and nothing deleted
   * @throws CorruptTableException something that the table reaches is missing or damaged; nothing
   *     was deleted
   * @throws UnsupportedTableException the table holds what cannot be read; nothing was deleted
   * @throws StorageException the store refused, or its clock makes no sense; nothing was deleted,
   *     unless the message says how much
   * @throws io.datashard.error.OutcomeUnknownException the fence may or may not have been
   *     committed; nothing was deleted
   */
  public OrphanFiles run(Duration grace, boolean isDry) {
    List<OrphanFile> orphans = new ArrayList<>();
    OrphanFiles found;
    try {
      found = find(grace.toMillis(), isDry, orphans);
    } catch (CorruptTableException e) {
      throw new CorruptTableException(nothingDeleted(e), e);
    } catch (UnsupportedTableException e) {
      throw new UnsupportedTableException(nothingDeleted(e), e);
    } catch (StorageException e) {
      throw new StorageException(nothingDeleted(e), e);
    }
    if (!isDry) {
      delete(orphans);
    }
    return found;
  }

  private String nothingDeleted(DataShardException e) {
    return "No orphan files of " + storage.location() + " were deleted: " + e.getMessage();
  }

  private OrphanFiles find(long graceMillis, boolean isDry, List<OrphanFile> orphans) {
    Version before = newest();
    long now = storeMillis();
    requireSteadyClock(before, now);
    long fenced = isDry ? before.number() : fence.applyAsLong(now - graceMillis / 2);
    Reached reached = readRoots(fenced);
    long young = 0;
    long unknown = 0;
    for (String folder : List.of("data", "metadata")) {
      for (Storage.Listed file : storage.listAll(folder)) {
        if (reached.contains(file.key()) || OwnNames.isKept(file.key())) {
          continue;
        }
        if (!OwnNames.mayBeOrphan(file.key())) {
          unknown++;
        } else if (ageMillis(file, now) <= graceMillis) {
          young++;
        } else {
          orphans.add(new OrphanFile(file.key(), file.length(), file.modifiedMillis()));
        }
      }
    }
    // Who looks into what is left of a crash in the middle finds no list whose files are gone.
    orphans.sort(
        Comparator.comparing((OrphanFile file) -> file.path().startsWith("data/"))
            .thenComparing(file -> !file.path().contains("/snap-"))
            .thenComparing(OrphanFile::path));
    return new OrphanFiles(orphans, young, unknown);
  }

  private Version newest() {
    return log.newest()
        .orElseThrow(
            () ->
                new CorruptTableException(
                    "The table at "
                        + storage.location()
                        + " is gone: its metadata folder holds no version any more."));
  }

  private long ageMillis(Storage.Listed file, long now) {
    if (file.modifiedMillis() <= 0) {
      throw new StorageException(
          "the store does not tell when "
              + Locations.of(storage.location(), file.key())
              + " was written, it says "
              + file.modifiedMillis()
              + " ms since 1970.");
    }
    return now - file.modifiedMillis();
  }

  /** What the store's clock says, ms: only the store can tell by the time of a new file. */
  private long storeMillis() {
    String key = "metadata/.tmp-" + env.randomHex();
    try {
      storage.replace(key, ByteBuffer.wrap(new byte[] {'?'}));
      Optional<Storage.Listed> probe = storage.find(key);
      if (probe.isEmpty() || probe.get().modifiedMillis() <= 0) {
        throw new StorageException(
            "the store's clock cannot be told from "
                + Locations.of(storage.location(), key)
                + ", which was written to look at it: "
                + probe);
      }
      return probe.get().modifiedMillis();
    } finally {
      storage.delete(key);
    }
  }

  private void requireSteadyClock(Version before, long now) {
    long written =
        storage.find(before.key()).map(Storage.Listed::modifiedMillis).orElse(Long.MIN_VALUE);
    if (written - CLOCK_BACK_MILLIS_MAX > now) {
      throw new StorageException(
          "the store's clock ran back: it is at "
              + Instant.ofEpochMilli(now)
              + ", and "
              + before.key()
              + " was written at "
              + Instant.ofEpochMilli(written)
              + ". How old files are cannot be told.");
    }
  }

  /** All versions that count, from the newest to the oldest. */
  private Reached readRoots(long fenced) {
    Reached reached = new Reached(storage);
    long newest = readNewest(reached, fenced);
    for (long number = newest - 1; number > 0; number--) {
      if (!readVersion(reached, number)) {
        break;
      }
    }
    return reached;
  }

  /** Reads the newest version whole, which may be cleaned away meanwhile: then a newer one. */
  private long readNewest(Reached reached, long fenced) {
    for (int i = 1; ; i++) {
      Version newest = newest();
      if (newest.number() < fenced) {
        throw new CorruptTableException(
            newest.key()
                + " of "
                + storage.location()
                + " is the newest version, but version "
                + fenced
                + " was committed before.");
      }
      try {
        reached.add(newest.key(), newest.content());
        return newest.number();
      } catch (CorruptTableException e) {
        if (log.floor() <= newest.number() || i == READS_MAX) {
          throw e;
        }
      }
    }
  }

  /** False if it was cleaned away, and with it all older ones. */
  private boolean readVersion(Reached reached, long number) {
    Optional<Version> version = log.version(number);
    try {
      if (version.isPresent()) {
        reached.add(version.get().key(), version.get().content());
        return true;
      }
    } catch (CorruptTableException e) {
      if (log.floor() <= number) {
        throw e;
      }
      return false;
    }
    if (log.floor() <= number) {
      throw new CorruptTableException(
          "version "
              + number
              + " is missing, though versions below "
              + log.floor()
              + " only were cleaned away.");
    }
    return false;
  }

  private void delete(List<OrphanFile> orphans) {
    int deleted = 0;
    try {
      for (OrphanFile orphan : orphans) {
        if (deleted % DELETES_PER_LOOK == 0) {
          newest(); // throws if the table was replaced by another one, or by a copy of it (I11)
        }
        storage.delete(orphan.path());
        deleted++;
      }
    } catch (StorageException | CorruptTableException | ConflictException e) {
      throw new StorageException(
          "Of "
              + orphans.size()
              + " orphan files of "
              + storage.location()
              + " "
              + deleted
              + " were deleted, then: "
              + e.getMessage(),
          e);
    }
  }
}
