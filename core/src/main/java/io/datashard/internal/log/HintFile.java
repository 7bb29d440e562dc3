package io.datashard.internal.log;

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
 */
final class HintFile {
  private static final Logger LOG = LoggerFactory.getLogger(HintFile.class);

  private final Storage storage;
  private final Floor floor;
  private final AtomicLong wanted = new AtomicLong();
  private final AtomicBoolean writing = new AtomicBoolean();
  private volatile long written;

  HintFile(Storage storage, Floor floor) {
    this.storage = storage;
    this.floor = floor;
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
      byte[] digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
      storage.replace(VersionNames.HINT, ByteBuffer.wrap(digits));
      written = number;
      while (storage.exists(VersionNames.keyOf(number + 1))) {
        number++;
      }
      if (floor.read() > number) { // we slept so long that what came next was cleaned away
        number = Listing.newestIn(storage, floor).orElse(number);
      }
      wanted.accumulateAndGet(number, Math::max);
    }
  }
}
