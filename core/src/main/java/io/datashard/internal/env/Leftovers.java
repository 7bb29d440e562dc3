package io.datashard.internal.env;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Removes what processes left that died with a seat, where nobody takes that seat again. It blocks
 * nobody, but on a machine that runs for months it would pile up.
 */
final class Leftovers {
  /** Fewer files than this are not worth a look. */
  static final int FILES_MIN = 64;

  private static final int FILES_MAX = 4096;
  private static final long AGE_MILLIS_MIN = Duration.ofHours(1).toMillis();

  private Leftovers() {}

  /** Removes old files that belong to nobody; never fails. */
  static void remove(Path folder, long nowMillis) {
    try {
      List<Path> files = list(folder);
      if (files.size() < FILES_MIN) {
        return;
      }
      for (Path file : files) {
        if (isOld(file, nowMillis)) {
          removeIfNobodys(file);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Somebody else removes them, or nobody does.
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    List<Path> files = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
      for (Path file : stream) {
        if (files.size() == FILES_MAX) {
          break;
        }
        files.add(file);
      }
    }
    return files;
  }

  private static boolean isOld(Path file, long nowMillis) {
    try {
      long modified = Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toMillis();
      return nowMillis - modified > AGE_MILLIS_MIN;
    } catch (IOException e) {
      return false; // it is gone
    }
  }

  private static void removeIfNobodys(Path file) throws IOException {
    String name = file.getFileName().toString();
    int end = name.lastIndexOf(SeatFiles.LOCK);
    if (name.endsWith(".tmp") || name.endsWith(FileTurns.END)) {
      // From looking who owns the folder; a turn that nobody took for long, or we would see it.
      Files.deleteIfExists(file);
    } else if (end > 0) {
      SeatFiles seat = new SeatFiles(file.resolveSibling(name.substring(0, end)));
      SeatLock lock = SeatLock.tryTake(seat.lock());
      if (lock != null) {
        Files.deleteIfExists(seat.socket());
        Files.deleteIfExists(seat.freshSocket());
        lock.free();
      }
    }
  }
}
