package io.datashard;

import io.datashard.internal.care.Verifier;
import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;
import io.datashard.table.Verification;

/**
 * A verification about to be made: reads a table whole and tells what is damaged. Changes nothing,
 * and works on tables that cannot be opened any more.
 */
public final class Verify {
  private final Storage storage;
  private boolean deep;
  private Progress progress = (done, total) -> {};

  /** Watches the work. */
  public interface Progress {
    /** So many files of so many known so far have been read. */
    void see(long done, long total);
  }

  Verify(Storage storage) {
    this.storage = storage;
  }

  /** Also holds all values against the bounds and counts that manifests record. */
  public Verify deep() {
    deep = true;
    return this;
  }

  /** Tells now and then how far the work is. */
  public Verify onProgress(Progress watcher) {
    progress = watcher;
    return this;
  }

  /**
   * Reads every version, the archive of older snapshots, and every manifest list, manifest and page
   * of every snapshot, listed or archived.
   *
   * @return what was found; damage is never thrown
   * @throws io.datashard.error.TableNotFoundException there is nothing at the location
   */
  public Verification run() {
    Progress watcher = progress;
    return new Verifier(storage, Env.system(), deep, watcher::see).run();
  }
}
