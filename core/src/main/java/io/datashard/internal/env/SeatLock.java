package io.datashard.internal.env;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A kernel lock on an empty file, which the kernel frees when the process ends in any way.
 *
 * <p>The lock belongs to the process, not to the open file: if anybody in this JVM closes the file,
 * even after reading it, the lock is gone and nobody is told. So the file is opened at most once in
 * a JVM. Whoever opens it claims it first, by a system property, which is what class loaders share;
 * nothing is read from it or written to it; and only calls that an interrupt does not turn into a
 * close are used: open, tryLock, close. The file is removed by the holder, before it is freed; who
 * then gets the lock of a removed file sees that its name means another file now, and tries again.
 */
final class SeatLock {
  private static final String CLAIM = "datashard.seat.";
  private static final int TRIES = 10;
  private static final Set<PosixFilePermission> OWNER_READS_AND_WRITES =
      PosixFilePermissions.fromString("rw-------");

  /** Regular, for the owner, and kept by those who clean temporary folders: the sticky bit. */
  private static final int MODE = 01600;

  /**
   * Files that must not be closed: this JVM has a lock on them, through a claim that somebody
   * removed with all system properties.
   */
  private static final Map<Path, Opened> PARKED = new ConcurrentHashMap<>();

  private record Opened(FileChannel channel, Object fileKey) {}

  private final Path path;
  private final Opened opened;

  private SeatLock(Path path, Opened opened) {
    this.path = path;
    this.opened = opened;
  }

  /**
   * Takes the lock if it is free.
   *
   * @return null if it is held, by this process or another
   * @throws IOException files cannot be locked here
   */
  static @Nullable SeatLock tryTake(Path path) throws IOException {
    String claim = CLAIM + path;
    if (System.getProperties().putIfAbsent(claim, "claimed") != null) {
      return null;
    }
    SeatLock taken = null;
    try {
      taken = tryTakeClaimed(path);
      return taken;
    } finally {
      if (taken == null) {
        System.getProperties().remove(claim);
      }
    }
  }

  private static @Nullable SeatLock tryTakeClaimed(Path path) throws IOException {
    for (int i = 0; i < TRIES; i++) {
      Opened opened = PARKED.remove(path);
      if (opened == null) {
        opened = open(path);
      }
      if (opened == null) {
        continue;
      }
      FileLock lock;
      try {
        lock = opened.channel.tryLock();
      } catch (OverlappingFileLockException e) {
        PARKED.put(path, opened);
        return null;
      } catch (IOException | RuntimeException e) {
        opened.channel.close();
        throw e;
      }
      if (lock == null) {
        opened.channel.close();
        return null;
      }
      if (opened.fileKey.equals(fileKey(path))) {
        return new SeatLock(path, opened);
      }
      opened.channel.close(); // the holder before us removed it
    }
    return null;
  }

  /** The file that has this name now; null if it was removed meanwhile. */
  private static @Nullable Opened open(Path path) throws IOException {
    try {
      Files.createFile(path, PosixFilePermissions.asFileAttribute(OWNER_READS_AND_WRITES));
      protect(path);
    } catch (FileAlreadyExistsException e) {
      // As it should be.
    }
    Object fileKey = fileKey(path);
    if (fileKey == null) {
      return null;
    }
    try {
      // If another file takes the name between these two, the key differs afterwards.
      return new Opened(
          FileChannel.open(path, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS), fileKey);
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /** Asks those who clean temporary folders to keep a file; nothing depends on it. */
  static void protect(Path path) {
    try {
      Files.setAttribute(path, "unix:mode", MODE);
    } catch (IOException | RuntimeException e) {
      // Then it may vanish, and others will not find this process.
    }
  }

  private static @Nullable Object fileKey(Path path) throws IOException {
    try {
      return Objects.requireNonNull(
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
              .fileKey());
    } catch (NoSuchFileException e) {
      return null;
    }
  }

  /**
   * Whether the name still means the file that is locked: only then what lies beside it is ours.
   */
  boolean isNamed() {
    try {
      return opened.fileKey.equals(fileKey(path));
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the file and frees the lock. Called once. */
  void free() {
    try {
      if (isNamed()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // An empty file stays; the next holder uses it.
    }
    try {
      opened.channel.close();
    } catch (IOException e) {
      // The descriptor is gone anyway, and with it the lock.
    }
    System.getProperties().remove(CLAIM + path);
  }
}
