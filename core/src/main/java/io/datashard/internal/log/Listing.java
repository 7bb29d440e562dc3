package io.datashard.internal.log;

import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What the names in {@code metadata/} say about the versions of a table (I11). Names below the
 * floor say nothing: they wait to be deleted, or a process that slept created them anew.
 */
final class Listing {
  /** So many names surely come in one answer, which has 1,000 with folders. */
  private static final int PAGE_NAMES = 900;

  /** How often to look again when all that was listed is below the floor a moment later. */
  private static final int LOOKS_MAX = 3;

  private final Storage storage;
  private final Floor floor;
  private long[] ours = new long[64];
  private int count;

  /** All names that were listed. */
  private int names;

  /** Numbers that exist in another spelling, with the name. */
  private final List<Other> others = new ArrayList<>();

  private record Other(long number, String name) {}

  private Listing(Storage storage, Floor floor) {
    this.storage = storage;
    this.floor = floor;
  }

  /**
   * The number of the newest version, or empty if there is none.
   *
   * @throws CorruptTableException a version in the middle is missing
   * @throws UnsupportedTableException somebody else writes this table in another layout
   */
  static OptionalLong newestIn(Storage storage, Floor floor) {
    for (int look = 1; ; look++) {
      Listing listing = new Listing(storage, floor);
      for (String name : storage.names(VersionNames.FOLDER, "")) {
        listing.add(name);
      }
      long lowest =
          floor.read(); // after the names: what was freed before they were listed is below
      OptionalLong newest = listing.newest(lowest);
      if (newest.isPresent() || lowest == 0) {
        return newest;
      }
      if (look == LOOKS_MAX) {
        throw noneFrom(storage, lowest);
      }
    }
  }

  private static CorruptTableException noneFrom(Storage storage, long lowest) {
    return new CorruptTableException(
        "Table "
            + storage.location()
            + " has no version from "
            + VersionNames.keyOf(lowest)
            + " on, and "
            + Floor.keyOf(lowest)
            + " says that only older ones were cleaned away. Restore the newest version from a"
            + " copy; if that file was put there by mistake, move it away.");
  }

  /** Reads a version; empty if it is not there. */
  interface Reader {
    Optional<Version> read(long number);
  }

  /**
   * One look: the names, then the version with the highest number, then the floor, which tells of
   * both. It need not be asked where nothing is freed so soon: the highest number is one that was
   * the newest when the look began, or came after.
   *
   * @param content what was read of the version with the highest number
   * @param lowest the floor; 0 if it was not asked
   * @param begun a moment at which there was no version above the highest number
   */
  record Looked(Listing names, Optional<Version> content, long lowest, StoreTime.Moment begun) {
    /** Whether all that was listed is below the floor: versions came and went meanwhile. */
    boolean isBelowFloor() {
      return lowest > 0 && names.highest() < lowest;
    }

    /** As {@link #newestIn}, of this look. */
    OptionalLong newest(Storage storage) {
      if (isBelowFloor()) {
        throw noneFrom(storage, lowest);
      }
      return names.newest(lowest);
    }
  }

  static Looked look(Storage storage, Floor floor, StoreTime time, Reader reader) {
    StoreTime.Moment begun = time.now();
    Listing names = new Listing(storage, floor);
    for (String name : storage.names(VersionNames.FOLDER, "")) {
      names.add(name);
    }
    if (names.names < PAGE_NAMES) {
      // The first answer ever tells the time too, and all names are of that time.
      begun = time.toldBy(begun);
    }
    long highest = names.highest();
    Optional<Version> content = highest == 0 ? Optional.empty() : reader.read(highest);
    boolean isSettled = content.isPresent() && time.isRecent(begun);
    return new Looked(names, content, isSettled ? 0 : floor.read(), begun);
  }

  /** The highest number; 0 if there is none. */
  private long highest() {
    long highest = 0;
    for (int i = 0; i < count; i++) {
      highest = Math.max(highest, ours[i]);
    }
    return highest;
  }

  private void add(String name) {
    names++;
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

  private OptionalLong newest(long lowest) {
    Arrays.sort(ours, 0, count);
    long newest = count == 0 ? 0 : ours[count - 1];
    if (newest < lowest) {
      return OptionalLong.empty();
    }
    for (Other other : others) {
      if (other.number() >= newest) {
        throw otherSpelling(storage, other.name(), newest);
      }
    }
    checkNoGap(lowest);
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
   * A listing is no snapshot: while it runs, versions are created at one end and cleaned away at
   * the other. So a number that it lacks is looked at again, and only counts as a gap if the floor
   * is not above it afterwards.
   */
  private void checkNoGap(long lowest) {
    for (int i = count - 2; i >= 0 && ours[i + 1] > lowest; i--) {
      long above = ours[i + 1];
      long number = ours[i];
      for (long missing = above - 1; missing > number && missing >= lowest; missing--) {
        if (isThere(missing)) {
          continue;
        }
        if (floor.read() > missing) {
          return;
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
