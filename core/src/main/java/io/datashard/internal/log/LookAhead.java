package io.datashard.internal.log;

import io.datashard.error.StorageException;
import io.datashard.storage.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the newest version from one that is known, by asking for names: a long list of them would
 * cost more than a few looks. That is sound because versions have no gaps.
 *
 * <p>In a folder a look costs next to nothing, so names are asked for one after the other, in steps
 * that grow. In a remote store each is a round trip. As long as there is no news, one request tells
 * so. Once there was, the next look asks for the hint (I6) and for some versions at once, which are
 * read whole, and goes on from whatever is the newest of them; where the hint is old or missing, in
 * steps that grow.
 */
final class LookAhead {
  private static final Logger LOG = LoggerFactory.getLogger(LookAhead.class);

  /** So many versions are asked for side by side. */
  private static final int ABREAST = 3;

  private final Storage storage;
  private final int bytesMax;

  /** Whether the last look found a newer version. */
  private volatile boolean isBusy;

  /**
   * What a look found.
   *
   * @param number of the newest version
   * @param content its content if it was read; null also if it is the one from which was looked
   */
  record Found(long number, byte @Nullable [] content) {}

  /**
   * @param bytesMax so many bytes a version has at most
   */
  LookAhead(Storage storage, int bytesMax) {
    this.storage = storage;
    this.bytesMax = bytesMax;
  }

  /**
   * The newest version; {@code from} itself, which is there, if there is no newer one.
   *
   * @return null if a version is missing below one that is there
   */
  @Nullable Found newestAfter(long from) {
    if (!storage.isRemote()) {
      return new Found(inSteps(from), null);
    }
    Found newest = isBusy || has(from + 1) ? abreast(from) : new Found(from, null);
    isBusy = newest == null || newest.number() > from;
    return newest;
  }

  private boolean has(long number) {
    return storage.exists(VersionNames.keyOf(number));
  }

  private long inSteps(long from) {
    long there = from;
    long step = 1;
    while (has(there + step)) {
      there += step;
      step = there - from;
    }
    long missing = there + step;
    while (missing - there > 1) {
      long middle = there + (missing - there) / 2;
      if (has(middle)) {
        there = middle;
      } else {
        missing = middle;
      }
    }
    return there;
  }

  private @Nullable Found abreast(long from) {
    List<String> keys = after(from);
    keys.add(VersionNames.HINT);
    List<Supplier<Optional<byte[]>>> files = storage.readEach(keys, bytesMax);
    Found newest = last(from, files);
    if (newest == null) {
      return null;
    }
    long hinted = hinted(files.get(ABREAST));
    boolean isAtEnd = newest.number() < from + ABREAST;
    if (!isAtEnd && hinted > newest.number()) {
      Found told = last(hinted - 1, storage.readEach(after(hinted - 1), bytesMax));
      if (told == null) {
        return null;
      }
      if (told.number() >= hinted) { // else it names a version that is not there
        isAtEnd = told.number() < hinted - 1 + ABREAST;
        newest = told;
      }
    }
    if (!isAtEnd) {
      long before = newest.number();
      Found later = last(before, storage.readEach(after(before), bytesMax));
      if (later == null) {
        return null;
      }
      isAtEnd = later.number() < before + ABREAST;
      newest = later.number() > before ? later : newest;
    }
    if (isAtEnd) {
      return newest;
    }
    long number = inSteps(newest.number()); // the hint did not help
    return number > newest.number() ? new Found(number, null) : newest;
  }

  /** The number that the hint names; 0 if it names none or cannot be read: it saves looks (I6). */
  private long hinted(Supplier<Optional<byte[]>> hint) {
    try {
      return hint.get().map(HintFile::numberIn).orElse(0L);
    } catch (StorageException e) {
      LOG.debug("Cannot read {} of table {}", VersionNames.HINT, storage.location(), e);
      return 0;
    }
  }

  private static List<String> after(long number) {
    List<String> keys = new ArrayList<>();
    for (int i = 1; i <= ABREAST; i++) {
      keys.add(VersionNames.keyOf(number + i));
    }
    return keys;
  }

  /**
   * The last that is there of the versions after this one; null if one before it is missing (I11).
   */
  private @Nullable Found last(long before, List<Supplier<Optional<byte[]>>> next) {
    for (int i = ABREAST; i > 0; i--) {
      Optional<byte[]> content = next.get(i - 1).get();
      if (content.isPresent()) {
        return areThere(before, next.subList(0, i - 1))
            ? new Found(before + i, content.get())
            : null;
      }
    }
    return new Found(before, null);
  }

  /** Whether these versions are there: they may have come while they were asked for. */
  private boolean areThere(long before, List<Supplier<Optional<byte[]>>> next) {
    for (int i = 0; i < next.size(); i++) {
      if (next.get(i).get().isEmpty() && !has(before + i + 1)) {
        return false;
      }
    }
    return true;
  }
}
