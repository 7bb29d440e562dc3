package io.datashard.internal.log;

import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code metadata/version-hint.text}: the number of the newest version, for foreign readers (I6).
 * Nothing but decimal digits, not even a line end: PyIceberg takes anything else for a file name.
 *
 * <p>Processes replace it in any order, so a slow one could leave an old number behind for ever.
 * Therefore whoever has written it looks for a newer version afterwards, and writes again if there
 * is one. Then the last write of all names the newest version: had its writer written an older
 * number after the newest one was created, it would have seen that one in its look.
 *
 * <p>In a remote store it is replaced only if it is as it was seen last, which saves that look
 * where the store knows such conditions.
 */
final class HintFile {
  private static final Logger LOG = LoggerFactory.getLogger(HintFile.class);

  /** So often in a row others may replace it in the middle. */
  private static final int TRIES_MAX = 4;

  private final Storage storage;
  private final Floor floor;
  private final ReplaceableFile file;
  private final AtomicLong wanted = new AtomicLong();
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile long written;

  HintFile(Storage storage, Floor floor) {
    this.storage = storage;
    this.floor = floor;
    this.file = storage.replaceable(VersionNames.HINT);
  }

  void advance(long number) {
    wanted.accumulateAndGet(number, Math::max);
    // Asked again after letting go: another thread may have left its number just before.
    while (wanted.get() > written && writing.compareAndSet(false, true)) {
      try {
        write();
      } catch (RuntimeException e) {
        LOG.warn(
            "Cannot write {} of table {}. The table is whole; readers that go by this file see an"
                + " older state until the next commit.",
            VersionNames.HINT,
            storage.location(),
            e);
        return;
      } finally {
        writing.set(false);
      }
    }
  }

  private void write() {
    while (wanted.get() > written) {
      long number = wanted.get();
      replaceOlder(number);
      written = number;
      if (file.tellsOfOthers()) {
        continue;
      }
      while (storage.exists(VersionNames.keyOf(number + 1))) {
        number++;
      }
      if (floor.read() > number) { // we slept so long that what came next was cleaned away
        number = Listing.newestIn(storage, floor).orElse(number);
      }
      wanted.accumulateAndGet(number, Math::max);
    }
  }

  /** Replaces what names an older version, or none; one request mostly. */
  private void replaceOlder(long number) {
    for (int tries = 1; !file.replace(digits(number)); tries++) {
      long there = file.read().map(HintFile::numberIn).orElse(0L);
      if (there == number || there > number && storage.exists(VersionNames.keyOf(there))) {
        return;
      }
      if (tries == TRIES_MAX) {
        LOG.debug("Others replace {} all the time; the last of them is right", VersionNames.HINT);
        return;
      }
    }
  }

  private static ByteBuffer digits(long number) {
    return ByteBuffer.wrap(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
  }

  /** The number that its content names; 0 if it names none. */
  static long numberIn(byte[] content) {
    if (content.length > ReplaceableFile.BYTES_MAX) {
      return 0; // nobody of ours wrote it
    }
    String text = new String(content, StandardCharsets.US_ASCII);
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
  }
}
