package io.datashard.storage;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/**
 * Replaces a small file again and again without making a new one each time: what was replaced is
 * kept beside it under the name of a spare, is written anew in place, and takes the file's name
 * when that is replaced again.
 *
 * <p>A new file costs several times as much: ext4 writes its content to the disk when it replaces
 * another one, and without a journal it passes over every file that was deleted in the last minutes
 * to find room for the next.
 *
 * <p>Whoever writes takes the spare away first, by a rename that only one can win, and uses it only
 * if it has no other name: then no reader can open it any more. Who has had it open since it was
 * the file itself reads the newer content. Whatever goes wrong, there is no spare, and the file is
 * replaced by a new one.
 */
final class SpareFile {
  /** What a processor writes, and others read, at once or nearly so. */
  static final int BYTES_MAX = 16;

  private static final String START = ".";
  private static final String END = ".spare";

  private SpareFile() {}

  static Path of(Path path) {
    return path.resolveSibling(START + path.getFileName() + END);
  }

  /** Whether a spare is called so: it belongs to the file beside it and is listed nowhere. */
  static boolean isName(String name) {
    return name.startsWith(START) && name.endsWith(END);
  }

  /** Whether the spare took the file's place; if not, the file is as it was. */
  static boolean replace(Path path, ByteBuffer content) {
    Path spare = of(path);
    Path mine = path.resolveSibling(TemporaryFile.newName());
    try {
      Files.move(spare, mine, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException | UnsupportedOperationException e) {
      return false; // there is none
    }
    try {
      if (!isOnlyOurs(mine, content.remaining())) {
        LocalNewFile.remove(mine);
        return false;
      }
      byte[] bytes = new byte[content.remaining()];
      content.duplicate().get(bytes);
      try (RandomAccessFile file = new RandomAccessFile(mine.toFile(), "rw")) {
        file.write(bytes);
      }
      keep(path);
      Files.move(mine, path, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (IOException | UnsupportedOperationException e) {
      LocalNewFile.remove(mine);
      return false;
    }
  }

  private static boolean isOnlyOurs(Path file, int length) throws IOException {
    Map<String, Object> facts =
        Files.readAttributes(file, "unix:nlink,size,isRegularFile", LinkOption.NOFOLLOW_LINKS);
    return facts.equals(Map.of("nlink", 1, "size", (long) length, "isRegularFile", true));
  }

  /** Keeps a file that is about to be replaced as the next spare, if there is none. */
  static void keep(Path path) {
    try {
      Files.createLink(of(path), path);
    } catch (IOException | UnsupportedOperationException e) {
      // There is a spare, or no file yet, or no links: then the file is not kept.
    }
  }
}
