package io.datashard.storage;

import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;

/** Files that are written beside the name that they are for, and get it when they are whole. */
final class TemporaryFile {
  /** How their names start. No engine reads such names, and a clean-up knows them. */
  static final String PREFIX = ".tmp-";

  private TemporaryFile() {}

  /** Whether this call gave the file its name; false if the name was taken. */
  static boolean link(Path temporary, Path path, Disk disk) {
    try {
      disk.link(temporary, path);
      return true;
    } catch (FileAlreadyExistsException e) {
      // A network file system that lost the answer asks again and then finds its own first try.
      return isSame(temporary, path);
    } catch (UnsupportedOperationException e) {
      throw noLinks(path, e);
    } catch (IOException e) {
      if (isSame(temporary, path)) {
        return true;
      }
      if (isRefusal(e)) {
        throw hasLinks(temporary, e, disk)
            ? LocalErrors.storage("create", path, e)
            : noLinks(path, e);
      }
      throw new OutcomeUnknownException(
          "The file system did not say whether "
              + path
              + " was created: "
              + LocalErrors.reasonOf(e)
              + ". Look after that disk, then look whether the change is there.",
          e);
    }
  }

  private static boolean isSame(Path temporary, Path path) {
    try {
      return Files.isSameFile(temporary, path);
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether the kernel said no, rather than failed on the way. */
  private static boolean isRefusal(IOException e) {
    if (!(e instanceof FileSystemException)) {
      return false;
    }
    if (!e.getClass().equals(FileSystemException.class)) {
      return true; // access denied, no such folder
    }
    return LocalErrors.says(
        LocalErrors.reasonOf(e),
        "not permitted",
        "not supported",
        "not implemented",
        "No space left",
        "quota exceeded",
        "Read-only file system",
        "Too many links");
  }

  /** Whether the refusal is about this file only: then another link in the same folder works. */
  private static boolean hasLinks(Path temporary, IOException refusal, Disk disk) {
    String reason = LocalErrors.reasonOf(refusal);
    if (!LocalErrors.says(reason, "not permitted", "not supported", "not implemented")) {
      return true;
    }
    Path probe = temporary.resolveSibling(newName());
    try {
      disk.link(temporary, probe);
      LocalNewFile.remove(probe);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  private static StorageException noLinks(Path path, Exception cause) {
    return new StorageException(
        "Cannot create "
            + path
            + ": this file system has no hard links, and without them two writers could both win"
            + " one version. Nothing was changed. Put the table on a file system that has them,"
            + " for example ext4, XFS, Btrfs, APFS or NFS.",
        cause);
  }

  /** A complete temporary file beside the path, open still and not durable. */
  static LocalNewFile write(Path path, ByteBuffer content) {
    LocalNewFile file = create(path);
    try {
      file.write(content);
      file.finish();
      return file;
    } catch (RuntimeException e) {
      file.close(); // and removes it
      throw e;
    }
  }

  private static LocalNewFile create(Path path) {
    while (true) {
      String name = newName();
      Path temporary = path.resolveSibling(name);
      try {
        return new LocalNewFile(name, temporary);
      } catch (FileAlreadyExistsException e) {
        continue; // The creation is exclusive, so a name drawn twice does no harm.
      } catch (IOException e) {
        throw LocalErrors.storage("write", temporary, e);
      }
    }
  }

  /** A name for a temporary file that nothing has. */
  static String newName() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    HexFormat hex = HexFormat.of();
    return PREFIX + hex.toHexDigits(random.nextLong()) + hex.toHexDigits(random.nextLong());
  }
}
