package io.datashard.internal.log;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.TreeSet;

/** What the names in {@code metadata/} say about the versions of a table (I11). */
final class Listing {
  private final Storage storage;
  private final TreeSet<Long> ours = new TreeSet<>();

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
    if (VersionNames.isOfCatalog(name)) {
      throw new UnsupportedTableException(
          "Table "
              + storage.location()
              + " holds metadata/"
              + name
              + ", which a catalog wrote: only that catalog knows which state is current. Open the"
              + " table through it, or move that file away if the catalog no longer has the table.");
    }
    OptionalLong number = VersionNames.numberOf(name);
    if (number.isPresent()) {
      ours.add(number.getAsLong());
    } else {
      VersionNames.numberInAnySpelling(name).ifPresent(other -> others.add(new Other(other, name)));
    }
  }

  private OptionalLong newest() {
    long newest = ours.isEmpty() ? 0 : ours.last();
    for (Other other : others) {
      if (other.number() >= newest) {
        throw otherSpelling(storage, other.name(), newest);
      }
    }
    if (ours.isEmpty()) {
      return OptionalLong.empty();
    }
    checkNoGap();
    return OptionalLong.of(newest);
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
    long above = ours.last();
    for (long number : ours.descendingSet()) {
      for (long missing = above - 1; missing > number; missing--) {
        if (isThere(missing)) {
          continue;
        }
        if (!storage.exists(VersionNames.keyOf(number))) {
          return; // Cleaned away since it was listed, and with it all that is older.
        }
        throw gap(above, missing, number);
      }
      above = number;
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
