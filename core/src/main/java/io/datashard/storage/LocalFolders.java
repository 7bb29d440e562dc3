package io.datashard.storage;

import io.datashard.error.StorageException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The folders of one local table: where a key lies, whether that is inside the table (I8), and
 * which folders still need a sync before a name in them survives a power cut.
 *
 * <p>A folder is resolved through its symbolic links once and then recognised by device and inode,
 * so a check costs one look. Whoever may write inside the table can still swap a folder between the
 * look and the use: I8 guards against what metadata says, not against such a neighbour.
 *
 * <p>A name is durable when its folder was synced, and that folder's own name is, and so on up to
 * the folder that holds the table. Another process may have made a folder a moment ago and not
 * synced it yet, so the first use of each folder here syncs all those above it too. The folders
 * above the table are synced at once when we make them, and taken for durable when we do not.
 */
final class LocalFolders {
  private final Path root;
  private final Syncs syncs;
  private final Map<Path, Known> known = new ConcurrentHashMap<>();

  /** A folder that was found to lie inside the table. */
  private static final class Known {
    final Object fileKey;
    volatile boolean anchored;

    Known(Object fileKey) {
      this.fileKey = fileKey;
    }
  }

  /**
   * @param root absolute, without symbolic links in the part that exists
   */
  LocalFolders(Path root, Syncs syncs) {
    this.root = root;
    this.syncs = syncs;
  }

  Path root() {
    return root;
  }

  /**
   * The path of a key.
   *
   * @throws StorageException it is no key, or its folder lies outside the table
   */
  Path pathOf(String key) {
    Path path = unchecked(key);
    find(folderOf(path));
    return path;
  }

  /**
   * The path of a folder, or of "" the root.
   *
   * @throws StorageException it is no key, or it lies outside the table
   */
  Path folderPathOf(String key) {
    Path path = key.isEmpty() ? root : pathOf(key);
    find(path);
    return path;
  }

  /** The same, and makes the folder that it lies in. */
  Path pathInNewFolder(String key) {
    Path path = unchecked(key);
    Path folder = folderOf(path);
    if (find(folder) == null) {
      make(folder);
    }
    return path;
  }

  private Path unchecked(String key) {
    if (!Locations.isKey(key)) {
      throw new StorageException(
          "'"
              + key
              + "' is no file of the table at "
              + root
              + ": a key has parts between single slashes, none of them empty, '.' or '..'.");
    }
    try {
      return root.resolve(key);
    } catch (InvalidPathException e) {
      throw new StorageException(
          "'"
              + key
              + "' cannot be a file name on this machine: "
              + e.getReason()
              + ". If it holds letters beyond ASCII, run with LC_ALL=C.UTF-8.",
          e);
    }
  }

  static Path folderOf(Path file) {
    Path folder = file.getParent();
    if (folder == null) {
      throw new StorageException(file + " has no folder. Choose a location below the root folder.");
    }
    return folder;
  }

  /** The folder if it is there; it is then inside the table. */
  private @Nullable Known find(Path folder) {
    try {
      BasicFileAttributes now =
          Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      Known before = known.get(folder);
      if (before != null && before.fileKey.equals(now.fileKey())) {
        return before;
      }
      checkInside(folder);
      if (!Files.isDirectory(folder)) {
        throw new StorageException(
            folder + " is a file where the table needs a folder. Move it away.");
      }
      Object fileKey = now.fileKey() == null ? new Object() : now.fileKey();
      Known found = new Known(fileKey);
      known.put(folder, found);
      return found;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw LocalErrors.storage("open the folder", folder, e);
    }
  }

  /**
   * @throws StorageException symbolic links lead out of the table
   */
  void checkInside(Path path) throws IOException {
    Path real = path.toRealPath();
    if (!real.startsWith(root)) {
      throw new StorageException(
          path
              + " leads outside the table at "
              + root
              + " through a symbolic link, to "
              + real
              + ". Nothing there is read or changed. Copy the files into the table's folder.");
    }
  }

  private void make(Path folder) {
    if (!folder.startsWith(root)) {
      makeAbove(folder);
      return;
    }
    Path above = folderOf(folder);
    if (folder.equals(root)) {
      makeAbove(above);
    } else if (find(above) == null) {
      make(above);
    }
    if (makeOne(folder)) {
      known.remove(folder); // A new folder may get the inode of the deleted one that we knew.
    }
    find(folder);
  }

  private void makeAbove(Path folder) {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path each = folder; each != null && !Files.isDirectory(each); each = each.getParent()) {
      missing.push(each);
    }
    for (Path each : missing) {
      if (makeOne(each)) {
        try {
          syncs.folder(folderOf(each));
        } catch (IOException e) {
          throw LocalErrors.storage("make durable the folder", each, e);
        }
      }
    }
  }

  /** Whether it was this call that made it. */
  private static boolean makeOne(Path folder) {
    try {
      Files.createDirectory(folder);
      return true;
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw new StorageException(
            "Cannot make the folder "
                + folder
                + ": there is a file of this name. Move it away or choose another location.",
            e);
      }
      return false;
    } catch (IOException e) {
      throw LocalErrors.storage("make the folder", folder, e);
    }
  }

  /**
   * All folders to sync so that new names in the given ones survive a power cut, each once, the
   * given ones first.
   */
  Set<Path> toSync(Collection<Path> folders) {
    Set<Path> all = new LinkedHashSet<>(folders);
    for (Path folder : folders) {
      Path each = folder;
      Known found = known.get(each);
      while (found == null || !found.anchored) {
        if (each.equals(root)) {
          Path holding = root.getParent();
          if (holding != null) {
            all.add(holding);
          }
          break;
        }
        each = folderOf(each);
        all.add(each);
        found = known.get(each);
      }
    }
    return all;
  }

  void sync(Path folder) throws IOException {
    try {
      syncs.folder(folder);
    } catch (AccessDeniedException e) {
      if (!folder.equals(root.getParent())) {
        throw e;
      }
      // The folder that holds the table may belong to someone who lets us pass but not read it.
    }
  }

  /** Remembers that these were synced, so that only new names in them need another sync. */
  void anchored(Collection<Path> folders) {
    for (Path folder : folders) {
      Known found = known.get(folder);
      if (found != null) {
        found.anchored = true;
      }
    }
  }
}
