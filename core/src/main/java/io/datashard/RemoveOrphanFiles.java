package io.datashard;

import io.datashard.internal.care.OrphanSweep;
import io.datashard.internal.commit.Committer;
import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import io.datashard.table.OrphanFiles;
import java.time.Duration;

/**
 * A clean-up of orphan files about to be made: files that writers left behind which were killed,
 * lost their connection, or never learned what became of their commit, and that nothing in the
 * table reaches.
 *
 * <p>Kept is what any snapshot, listed or archived, any branch or tag, or any metadata file that is
 * still there leads to, and whatever DataShard would not have called so: files of other engines are
 * left alone even if nothing reaches them. Others may append, read and clean meanwhile.
 *
 * <p>An append whose files were written more than half of {@link #olderThan} before a clean-up, and
 * that is committed after it, fails with a {@link io.datashard.error.ConflictException} and must be
 * made again. Appends up to 256 KB of rows never do.
 */
public final class RemoveOrphanFiles {
  private static final Duration GRACE = Duration.ofDays(1);
  private static final Duration GRACE_MIN = Duration.ofSeconds(1);
  private static final Duration GRACE_MAX = Duration.ofDays(36_500);

  private final Storage storage;
  private final Env env;
  private final Committer committer;
  private Duration grace = GRACE;
  private boolean isDry;

  RemoveOrphanFiles(Storage storage, Env env, Committer committer) {
    this.storage = storage;
    this.env = env;
    this.committer = committer;
  }

  /**
   * Leaves younger files alone, by the store's clock; one day if not said otherwise. Take at least
   * twice the time that the longest append or transaction takes from its first row to its commit.
   *
   * @param age 1 second or more
   * @throws IllegalArgumentException it is shorter, or longer than a hundred years
   */
  public RemoveOrphanFiles olderThan(Duration age) {
    if (age.compareTo(GRACE_MIN) < 0 || age.compareTo(GRACE_MAX) > 0) {
      throw new IllegalArgumentException(
          "Orphan files are deleted when they are older than "
              + GRACE_MIN
              + " to "
              + GRACE_MAX
              + ", not "
              + age
              + ".");
    }
    grace = age;
    return this;
  }

  /**
   * Only tells what would be deleted. Nothing is committed either, so a file of an append that is
   * being committed at this moment may be among them, if it is old enough.
   */
  public RemoveOrphanFiles dryRun() {
    isDry = true;
    return this;
  }

  /**
   * Commits a version that changes no data and makes no snapshot, reads all that the table reaches,
   * and deletes what is left over.
   *
   * @return what was deleted
   * @throws io.datashard.error.CorruptTableException something that the table reaches is missing or
   *     damaged; it is named, and nothing was deleted
   * @throws io.datashard.error.UnsupportedTableException the table holds what cannot be read, such
   *     as delete files; nothing was deleted
   * @throws io.datashard.error.ConflictException the table was deleted or replaced meanwhile
   * @throws io.datashard.error.OutcomeUnknownException the store did not answer whether the version
   *     was committed; nothing was deleted
   * @throws io.datashard.error.StorageException the store refused; the message says how many files
   *     were deleted
   */
  public OrphanFiles run() {
    return new OrphanSweep(storage, env, committer::fence).run(grace, isDry);
  }
}
