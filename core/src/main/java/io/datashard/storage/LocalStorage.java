package io.datashard.storage;

import io.datashard.error.CorruptTableException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One table in a local folder.
 *
 * <p>The exclusive create writes a temporary file beside the name, syncs it, links it to the name,
 * which the kernel does for exactly one caller, removes the temporary name and syncs the folder. A
 * crash leaves at most the temporary file, whose name starts with {@link TemporaryFile#PREFIX} and
 * which no engine reads. A file system without hard links is refused: a rename would replace a
 * rival's commit, and a file created under its final name would be seen half written.
 *
 * <p>No thread's interrupt can tear a write or a sync. Files and folders get the mode that the
 * user's umask gives and the group that their folder gives.
 */
final class LocalStorage implements Storage {
  private static final int CREATE_BYTES_MAX = 256 << 20;

  private final String location;
  private final LocalFolders folders;
  private final Syncs syncs;
  private final Map<Durability, Storage> levels = new EnumMap<>(Durability.class);

  LocalStorage(String location, Path root, Syncs syncs) {
    this.location = location;
    this.syncs = syncs;
    this.folders = new LocalFolders(root, syncs);
    if (!syncs.isOff()) {
      levels.put(Durability.FSYNC, this);
      // It remembers of its own which folders it knows: none of them counts as synced here.
      levels.put(Durability.OS, new LocalStorage(location, root, syncs.off()));
    }
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public Storage withDurability(Durability level) {
    return levels.getOrDefault(level, this);
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    return createExclusive(key, content, List.of());
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content, List<NewFile> named) {
    if (content.remaining() > CREATE_BYTES_MAX) {
      throw new StorageException(
          "Cannot create "
              + key
              + " with "
              + content.remaining()
              + " bytes: at most "
              + CREATE_BYTES_MAX
              + " can be created at once. Nothing was changed.");
    }
    Path path = folders.pathInNewFolder(key);
    if (path.toFile().exists()) {
      makeDurable(named);
      return PutOutcome.EXISTED; // Most losers come later than the winner: spare them the sync.
    }
    LocalNewFile temporary = TemporaryFile.write(path, content);
    try {
      sync(key, named, temporary);
      if (!TemporaryFile.link(temporary.path(), path, syncs.disk())) {
        return PutOutcome.EXISTED;
      }
    } finally {
      LocalNewFile.remove(temporary.path());
    }
    try {
      syncAll(List.of(), Set.of(LocalFolders.folderOf(path)));
    } catch (IOException e) {
      throw new OutcomeUnknownException(
          "File "
              + path
              + " was created, but its name may not survive a power cut: "
              + LocalErrors.reasonOf(e)
              + ". Look after that disk, then look whether the change is there.",
          e);
    }
    return PutOutcome.CREATED;
  }

  @Override
  public NewFile create(String key) {
    Path path = folders.pathInNewFolder(key);
    try {
      return new LocalNewFile(key, path);
    } catch (FileAlreadyExistsException e) {
      throw LocalNewFile.taken(key, path, e);
    } catch (IOException e) {
      throw LocalErrors.storage("write", path, e);
    }
  }

  @Override
  public void makeDurable(List<NewFile> files) {
    if (!files.isEmpty()) {
      sync(files.get(0).key(), files, null);
    }
  }

  /** Syncs files and their folders, and a file beside them whose name need not last. */
  private void sync(String key, List<NewFile> files, @Nullable LocalNewFile temporary) {
    List<Syncs.Job> jobs = new ArrayList<>();
    if (temporary != null) {
      jobs.add(() -> temporary.sync(syncs));
    }
    Set<Path> parents = new LinkedHashSet<>();
    for (NewFile each : files) {
      if (!(each instanceof LocalNewFile file)) {
        throw new IllegalArgumentException(each.key() + " was not created by this storage");
      }
      file.requireFinished();
      parents.add(LocalFolders.folderOf(file.path()));
      jobs.add(() -> file.sync(syncs));
    }
    try {
      syncAll(jobs, parents);
    } catch (IOException e) {
      throw notDurable(key, e);
    } finally {
      files.forEach(NewFile::close);
      if (temporary != null) {
        temporary.close();
      }
    }
  }

  /** Does these and syncs the folders, with those above them that need it, all side by side. */
  private void syncAll(List<Syncs.Job> jobs, Set<Path> parents) throws IOException {
    if (syncs.isOff()) {
      return;
    }
    List<Syncs.Job> all = new ArrayList<>(jobs);
    Set<Path> touched = folders.toSync(parents);
    touched.forEach(folder -> all.add(() -> folders.sync(folder)));
    Syncs.sideBySide(all);
    folders.anchored(touched);
  }

  @Override
  public void makeDurable(String key) {
    Path path = folders.pathOf(key);
    if (attributes(path) == null) {
      throw LocalErrors.missing(path, new NoSuchFileException(path.toString()));
    }
    try {
      syncAll(List.of(() -> syncExisting(path)), Set.of(LocalFolders.folderOf(path)));
    } catch (IOException e) {
      throw notDurable(key, e);
    }
  }

  private static StorageException notDurable(String key, IOException cause) {
    return new StorageException(
        "File "
            + key
            + " or one written with it may not survive a power cut: "
            + LocalErrors.reasonOf(cause)
            + ". No commit may name it; look after that disk and write it anew.",
        cause);
  }

  private void syncExisting(Path path) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      syncs.file(path, file.getFD());
    }
  }

  @Override
  public void importFile(Path source, String key) {
    Path real = realFile(source);
    Path path = folders.pathInNewFolder(key);
    boolean linked = false;
    try {
      syncExisting(real);
      syncs.disk().link(real, path);
      linked = true;
      syncAll(List.of(), Set.of(LocalFolders.folderOf(path)));
    } catch (FileAlreadyExistsException e) {
      throw LocalNewFile.taken(key, path, e);
    } catch (IOException | UnsupportedOperationException e) {
      if (linked) {
        LocalNewFile.remove(path);
        throw e instanceof IOException failed ? notDurable(key, failed) : (RuntimeException) e;
      }
      copy(real, key); // Another disk, no hard links, or somebody else's file.
    }
  }

  @Override
  public Optional<String> keyInside(Path source) {
    Path real = realFile(source);
    return real.startsWith(folders.root()) ? Optional.of(keyOf(real)) : Optional.empty();
  }

  private static Path realFile(Path source) {
    try {
      Path real = source.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new StorageException("Cannot import " + source + ": it is not a file.");
      }
      return real;
    } catch (NoSuchFileException e) {
      throw LocalErrors.missing(source, e);
    } catch (IOException e) {
      throw LocalErrors.storage("import", source, e);
    }
  }

  private void copy(Path source, String key) {
    try (NewFile file = create(key)) {
      try (RandomAccessFile from = new RandomAccessFile(source.toFile(), "r")) {
        byte[] piece = new byte[1 << 16];
        for (int count = from.read(piece); count > 0; count = from.read(piece)) {
          file.write(piece, 0, count);
        }
      } catch (IOException e) {
        throw LocalErrors.storage("read", source, e);
      }
      file.finish();
      makeDurable(List.of(file));
    }
  }

  @Override
  public void replace(String key, ByteBuffer content) {
    Path path = folders.pathInNewFolder(key);
    boolean isSmall = content.remaining() <= SpareFile.BYTES_MAX;
    if (isSmall && SpareFile.replace(path, content)) {
      return;
    }
    LocalNewFile temporary = TemporaryFile.write(path, content);
    temporary.close();
    try {
      if (isSmall) {
        SpareFile.keep(path);
      }
      Files.move(temporary.path(), path, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LocalNewFile.remove(temporary.path());
      throw LocalErrors.storage("replace", path, e);
    }
  }

  @Override
  public ReadableFile open(String key, long length) {
    Path path = folders.pathOf(key);
    BasicFileAttributes found = attributes(path);
    if (found == null) {
      throw LocalErrors.missing(path, new NoSuchFileException(path.toString()));
    }
    if (length >= 0 && found.size() != length) {
      throw new CorruptTableException(
          "File "
              + path
              + " has "
              + found.size()
              + " bytes and the table's metadata says "
              + length
              + ": it is cut or was overwritten. Restore it from a copy.");
    }
    try {
      return new LocalReadableFile(key, path, found.size());
    } catch (IOException e) {
      throw LocalErrors.storage("open", path, e);
    }
  }

  @Override
  public Optional<byte[]> read(String key, int bytesMax) {
    Path path = folders.pathOf(key);
    if (attributes(path) == null) {
      return Optional.empty();
    }
    // RandomAccessFile, because an interrupt closes channels.
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
      long length = file.length();
      if (length > bytesMax) {
        throw new StorageException(
            "File " + path + " has " + length + " bytes; at most " + bytesMax + " are read here.");
      }
      byte[] content = new byte[(int) length];
      file.readFully(content);
      return Optional.of(content);
    } catch (IOException e) {
      if (attributes(path) == null) {
        return Optional.empty(); // Deleted since we looked.
      }
      throw LocalErrors.storage("read", path, e);
    }
  }

  @Override
  public Optional<Listed> find(String key) {
    Path path = folders.pathOf(key);
    return Optional.ofNullable(attributes(path)).flatMap(found -> listed(key, path, found));
  }

  /** Empty if it was deleted since. */
  private static Optional<Listed> listed(String key, Path path, BasicFileAttributes found) {
    long modifiedMillis = found.lastModifiedTime().toMillis();
    try {
      // A file that was imported by a link keeps the time at which its content was written; but the
      // kernel notes when it got another name.
      if (Files.getAttribute(path, "unix:ctime") instanceof FileTime named) {
        modifiedMillis = Math.max(modifiedMillis, named.toMillis());
      }
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (UnsupportedOperationException | IllegalArgumentException e) {
      // A system without such a note.
    } catch (IOException e) {
      throw LocalErrors.storage("look at", path, e);
    }
    return Optional.of(new Listed(key, found.size(), modifiedMillis));
  }

  @Override
  public boolean exists(String key) {
    Path path = folders.pathOf(key);
    return !isSurelyMissing(path) && attributes(path) != null;
  }

  /**
   * Whether there is nothing of this name, and no other reason not to see it. Mostly that is so
   * where it is asked, and the JDK's other ways tell it by an exception, which takes ten times as
   * long.
   */
  private static boolean isSurelyMissing(Path path) {
    return !path.toFile().exists() && LocalFolders.folderOf(path).toFile().canExecute();
  }

  /** A file inside the table, or null if there is nothing of this name. */
  private @Nullable BasicFileAttributes attributes(Path path) {
    BasicFileAttributes found = attributesOfAny(path);
    if (found != null && !found.isRegularFile()) {
      throw new StorageException(
          path
              + " is "
              + (found.isDirectory() ? "a folder" : "a device or pipe")
              + " where the table needs a file. Move it away.");
    }
    return found;
  }

  /** A file, folder or other thing, after symbolic links that stay inside the table. */
  private @Nullable BasicFileAttributes attributesOfAny(Path path) {
    try {
      BasicFileAttributes found =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      if (found.isSymbolicLink()) {
        folders.checkInside(path);
        return Files.readAttributes(path, BasicFileAttributes.class);
      }
      return found;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw LocalErrors.storage("look at", path, e);
    }
  }

  @Override
  public List<String> names(String folder, String namePrefix) {
    if (!folder.isEmpty() && isSurelyMissing(folders.pathOf(folder))) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    forEachIn(folder, namePrefix, each -> names.add(each.getFileName().toString()));
    return names;
  }

  @Override
  public List<Listed> list(String folder, String namePrefix) {
    List<Listed> files = new ArrayList<>();
    forEachIn(folder, namePrefix, each -> addTo(files, each));
    return files;
  }

  @Override
  public List<Listed> listAll(String folder) {
    List<Listed> files = new ArrayList<>();
    listBelow(folder, files);
    return files;
  }

  private void listBelow(String folder, List<Listed> files) {
    forEachIn(
        folder,
        "",
        each -> {
          // A link to a folder is not followed: what it leads to is listed where it lies.
          if (Files.isDirectory(each, LinkOption.NOFOLLOW_LINKS)) {
            listBelow(keyOf(each), files);
          } else {
            addTo(files, each);
          }
        });
  }

  private void addTo(List<Listed> files, Path path) {
    BasicFileAttributes found = attributesOfAny(path);
    if (found != null && found.isRegularFile()) {
      listed(keyOf(path), path, found).ifPresent(files::add);
    }
  }

  private String keyOf(Path path) {
    return folders.root().relativize(path).toString();
  }

  private static boolean isListed(String name, String namePrefix) {
    return name.startsWith(namePrefix) && !SpareFile.isName(name);
  }

  private void forEachIn(String folder, String namePrefix, Consumer<Path> use) {
    Path path = folders.folderPathOf(folder);
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(
            path, entry -> isListed(entry.getFileName().toString(), namePrefix))) {
      entries.forEach(use);
    } catch (NoSuchFileException e) {
      return;
    } catch (DirectoryIteratorException e) {
      IOException cause = e.getCause();
      throw LocalErrors.storage("list", path, cause == null ? new IOException(e) : cause);
    } catch (IOException e) {
      throw LocalErrors.storage("list", path, e);
    }
  }

  @Override
  public void delete(String key) {
    Path path = folders.pathOf(key);
    try {
      if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
        throw new StorageException(path + " is a folder; only files are deleted.");
      }
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw LocalErrors.storage("delete", path, e);
    }
  }

  @Override
  public String machineKey() {
    String folder = identity("metadata");
    return folder.isEmpty() ? "" : "file:" + folder;
  }

  @Override
  public String identity(String key) {
    BasicFileAttributes found =
        attributesOfAny(key.isEmpty() ? folders.root() : folders.pathOf(key));
    if (found == null) {
      return "";
    }
    // A file system gives the inode of a deleted file to the next one. Files never change, so
    // length and time tell those apart.
    return found.isDirectory()
        ? String.valueOf(found.fileKey())
        : found.fileKey() + " " + found.size() + " " + found.lastModifiedTime();
  }
}
