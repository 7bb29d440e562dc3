package io.datashard.internal.log;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/** What the names in {@code metadata/} say about the versions of a table (I11). */
final class Listing {
  private final Storage storage;
  private long[] ours = new long[64];
  private int count;

  /** Numbers that exist in another spelling, with the name. */
  private final List<Other> others = new ArrayList<>();

  private record Other(long number, String name) {}

  private Listing(Storage storage) {
    this.storage = storage;
  }

  /**
   * The number of the newest version, or empty if there is none.
   *
   * @throws CorruptTableException a version in the middle is missing
   * @throws UnsupportedTableException somebody else writes this table in another layout
   */
  static OptionalLong newestIn(Storage storage) {
    Listing listing = new Listing(storage);
    for (String name : storage.names(VersionNames.FOLDER, "")) {
      listing.add(name);
    }
    return listing.newest();
  }

  private void add(String name) {
    long number = VersionNames.numberOf(name);
    if (number > 0) {
      if (count == ours.length) {
        ours = Arrays.copyOf(ours, count * 2);
      }
      ours[count++] = number;
      return;
    }
    if (VersionNames.isOfCatalog(name)) {
      throw new UnsupportedTableException(
          "Table "
              + storage.location()
              + " holds metadata/"
              + name
              + ", which a catalog wrote: only that catalog knows which state is current. Open the"
              + " table through it, or move that file away if the catalog no longer has the table.");
    }
    VersionNames.numberInAnySpelling(name).ifPresent(other -> others.add(new Other(other, name)));
  }

  private OptionalLong newest() {
    Arrays.sort(ours, 0, count);
    long newest = count == 0 ? 0 : ours[count - 1];
    for (Other other : others) {
      if (other.number() >= newest) {
        throw otherSpelling(storage, other.name(), newest);
      }
    }
    checkNoGap();
    return count == 0 ? OptionalLong.empty() : OptionalLong.of(newest);
  }

  static UnsupportedTableException otherSpelling(Storage storage, String name, long newest) {
    return new UnsupportedTableException(
        "Table "
            + storage.location()
            + " holds metadata/"
            + name
            + (newest == 0 ? "" : " beside v" + newest + ".metadata.json")
            + ": another writer committed in a spelling that DataShard does not write. If it is the"
            + " newest state, let that writer set write.metadata.compression-codec=none and commit"
            + " once more; if it is not, move it away.");
  }

  /**
   * A listing is no snapshot: while it runs, versions are created at one end and may be cleaned
   * away at the other, oldest first. So a number that it lacks is looked at again, and only counts
   * as a gap if an older version is still there afterwards.
   */
  private void checkNoGap() {
    for (int i = count - 2; i >= 0; i--) {
      long above = ours[i + 1];
      long number = ours[i];
      for (long missing = above - 1; missing > number; missing--) {
        if (isThere(missing)) {
          continue;
        }
        if (!storage.exists(VersionNames.keyOf(number))) {
          return; // Cleaned away since it was listed, and with it all that is older.
        }
        throw gap(above, missing, number);
      }
    }
  }

  private CorruptTableException gap(long above, long missing, long below) {
    return new CorruptTableException(
        "Table "
            + storage.location()
            + " has "
            + VersionNames.keyOf(above)
            + " and "
            + VersionNames.keyOf(below)
            + " but not "
            + VersionNames.keyOf(missing)
            + ": versions have no gaps. Restore that file from a copy; if the newer ones were put"
            + " there by mistake, move them away.");
  }

  private boolean isThere(long missing) {
    for (Other other : others) {
      if (other.number() == missing) {
        return true;
      }
    }
    return storage.exists(VersionNames.keyOf(missing));
  }
}
