package io.datashard.testkit;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.error.StorageException;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A store in memory that promises no more than a {@link Storage} must, and refuses what a caller
 * must not do.
 *
 * <p>It tells apart what was written and what is durable. {@link #crash} cuts the power: what was
 * not made durable is lost, torn, filled with zeros or, by luck, still whole; deleted files may be
 * back; a replaced file may be old, new or empty. The choice follows the seed. Files given to
 * {@link #createExclusive}, {@link #importFile} and {@link #makeDurable} survive.
 *
 * <p>Refused as mistakes of the caller, with {@link IllegalStateException}: replacing a file that
 * is immutable, making a file durable twice or before it is finished.
 */
public final class MemoryStorage implements Storage {
  private static final int CREATE_BYTES_MAX = 256 << 20;

  private static final AtomicLong MADE = new AtomicLong();

  /** No other store of this machine has it: by identities processes wait for each other. */
  private final String of =
      " of store " + MADE.incrementAndGet() + " of process " + ProcessHandle.current().pid();

  private final String location;
  private final long seed;
  private final Random random;
  private final LongSupplier clockMillis;
  private final Map<String, Entry> files = new TreeMap<>();

  /** Deleted files whose deletion is not durable yet. */
  private final Map<String, Entry> ghosts = new TreeMap<>();

  private final Map<String, Long> folderIds = new HashMap<>();
  private long lastId;
  private int powerCuts;

  /** One file: what readers see, and what a power cut leaves. */
  private static final class Entry {
    final long id;
    long modifiedMillis;
    byte[] content;
    boolean durable;

    /** The content is durable, but perhaps not the name. */
    boolean synced;

    boolean replaceable;

    /** For a replaced file what is surely on the disk, or null. */
    byte @Nullable [] before;

    Entry(long id, byte[] content, long modifiedMillis) {
      this.id = id;
      this.content = content;
      this.modifiedMillis = modifiedMillis;
    }
  }

  /** An empty store with seed 1. */
  public MemoryStorage() {
    this(1);
  }

  /**
   * An empty store.
   *
   * @param seed decides what a power cut leaves
   */
  public MemoryStorage(long seed) {
    this("memory:///table", seed, System::currentTimeMillis);
  }

  /**
   * An empty store.
   *
   * @param location an absolute URI without a slash at the end
   * @param seed decides what a power cut leaves
   * @param clockMillis the store's clock
   */
  public MemoryStorage(String location, long seed, LongSupplier clockMillis) {
    this.location = location;
    this.seed = seed;
    this.random = new Random(seed);
    this.clockMillis = clockMillis;
  }

  /** Cuts the power and switches it on again. Files being written are dead. */
  public synchronized void crash() {
    powerCuts++;
    ghosts.forEach(
        (key, ghost) -> {
          if (random.nextBoolean()) {
            files.putIfAbsent(key, ghost);
          }
        });
    ghosts.clear();
    for (String key : List.copyOf(files.keySet())) {
      Entry file = Objects.requireNonNull(files.get(key));
      byte[] left = file.durable ? file.content : leftOf(file);
      if (left == null) {
        files.remove(key);
      } else {
        file.content = left;
        file.durable = true;
        file.before = file.replaceable ? left : null;
      }
    }
  }

  private byte @Nullable [] leftOf(Entry file) {
    int length = file.content.length;
    int choice = random.nextInt(4);
    if (file.synced) {
      return choice < 2 ? null : file.content;
    }
    if (file.replaceable) {
      return choice == 0 ? file.before : choice == 1 ? new byte[0] : file.content;
    }
    switch (choice) {
      case 0:
        return null;
      case 1:
        return Arrays.copyOf(file.content, random.nextInt(length + 1));
      case 2:
        return Arrays.copyOf(Arrays.copyOf(file.content, random.nextInt(length + 1)), length);
      default:
        return file.content;
    }
  }

  /**
   * Takes back that a file's name is durable, as if the sync of the folder after the link had not
   * come to its end.
   */
  public synchronized void undoFolderSync(String key) {
    Entry file = present(key);
    file.synced = file.durable;
    file.durable = false;
  }

  /** Deletes the table and all its folders at once; what is created later is another one. */
  public synchronized void deleteEverything() {
    files.clear();
    ghosts.clear();
    folderIds.clear();
  }

  /** Overwrites bytes in place, as a failing disk or a careless hand would. */
  public synchronized void damage(String key, byte[] content) {
    present(key).content = content.clone();
  }

  @Override
  public String location() {
    return location;
  }

  @Override
  public synchronized PutOutcome createExclusive(String key, ByteBuffer content) {
    if (content.remaining() > CREATE_BYTES_MAX) {
      throw new StorageException(
          key + " has " + content.remaining() + " bytes, more than " + CREATE_BYTES_MAX);
    }
    checkNoFolder(key);
    if (files.containsKey(key)) {
      return PutOutcome.EXISTED;
    }
    put(key, bytesOf(content)).durable = true;
    folderSynced(key);
    return PutOutcome.CREATED;
  }

  @Override
  public synchronized NewFile create(String key) {
    return new MemoryFile(key, freshEntry(key));
  }

  private Entry freshEntry(String key) {
    checkNoFolder(key);
    if (files.containsKey(key)) {
      throw new StorageException("Cannot create " + key + ": it is there already.");
    }
    return put(key, new byte[0]);
  }

  private Entry put(String key, byte[] content) {
    Entry entry = new Entry(++lastId, content, clockMillis.getAsLong());
    files.put(key, entry);
    for (String folder = folderOf(key); ; folder = folderOf(folder)) {
      folderIds.computeIfAbsent(folder, name -> ++lastId);
      if (folder.isEmpty()) {
        return entry;
      }
    }
  }

  private void folderSynced(String key) {
    ghosts.keySet().removeIf(ghost -> folderOf(ghost).equals(folderOf(key)));
  }

  @Override
  public synchronized void makeDurable(List<NewFile> newFiles) {
    for (NewFile each : newFiles) {
      if (!(each instanceof MemoryFile file) || file.storage() != this) {
        throw new IllegalArgumentException(each.key() + " was not created by this storage");
      }
      file.require(State.FINISHED, "made durable");
    }
    for (NewFile each : newFiles) {
      MemoryFile file = (MemoryFile) each;
      file.requirePower();
      if (files.get(file.key) != file.entry) {
        throw new StorageException(file.key + " was deleted before it was made durable");
      }
    }
    for (NewFile each : newFiles) {
      MemoryFile file = (MemoryFile) each;
      file.entry.durable = true;
      folderSynced(file.key);
      file.close();
    }
  }

  @Override
  public synchronized void makeDurable(String key) {
    present(key).durable = true;
    folderSynced(key);
  }

  @Override
  public synchronized void importFile(Path source, String key) {
    byte[] content;
    try {
      if (!Files.isRegularFile(source) && Files.exists(source)) {
        throw new StorageException("Cannot import " + source + ": it is not a file.");
      }
      content = Files.readAllBytes(source);
    } catch (NoSuchFileException e) {
      throw new FileMissingException("There is no file " + source + ".", e);
    } catch (IOException e) {
      throw new StorageException("Cannot read " + source + ": " + e.getMessage(), e);
    }
    Entry entry = freshEntry(key);
    entry.content = content;
    entry.durable = true;
    folderSynced(key);
  }

  @Override
  public synchronized void replace(String key, ByteBuffer content) {
    checkNoFolder(key);
    Entry old = files.get(key);
    if (old != null && !old.replaceable) {
      throw new IllegalStateException(key + " is immutable: it was not made by replace");
    }
    Entry entry = put(key, bytesOf(content));
    entry.replaceable = true;
    entry.before = old == null ? null : old.before;
  }

  @Override
  public synchronized ReadableFile open(String key, long length) {
    byte[] content = present(key).content;
    if (length >= 0 && length != content.length) {
      throw new CorruptTableException(
          at(key) + " has " + content.length + " bytes and should have " + length);
    }
    return new MemoryReader(at(key), key, content);
  }

  @Override
  public synchronized Optional<byte[]> read(String key, int bytesMax) {
    checkNoFolder(key);
    Entry entry = files.get(key);
    if (entry != null && entry.content.length > bytesMax) {
      throw new StorageException(
          at(key) + " has " + entry.content.length + " bytes, more than " + bytesMax);
    }
    return Optional.ofNullable(entry).map(file -> file.content.clone());
  }

  @Override
  public synchronized Optional<Listed> find(String key) {
    checkNoFolder(key);
    return Optional.ofNullable(files.get(key))
        .map(file -> new Listed(key, file.content.length, file.modifiedMillis));
  }

  @Override
  public synchronized boolean exists(String key) {
    checkNoFolder(key);
    return files.containsKey(key);
  }

  @Override
  public synchronized List<Listed> list(String folder, String namePrefix) {
    List<Listed> found = new ArrayList<>(listAll(folder));
    found.removeIf(
        file -> {
          String name = file.key().substring(folder.isEmpty() ? 0 : folder.length() + 1);
          return name.indexOf('/') >= 0 || !name.startsWith(namePrefix);
        });
    return found;
  }

  @Override
  public synchronized List<Listed> listAll(String folder) {
    if (!folder.isEmpty()) {
      checkKey(folder);
      if (files.containsKey(folder)) {
        throw new StorageException(at(folder) + " is a file, not a folder");
      }
    }
    String start = folder.isEmpty() ? "" : folder + "/";
    List<Listed> found = new ArrayList<>();
    files.forEach(
        (key, file) -> {
          if (key.startsWith(start)) {
            found.add(new Listed(key, file.content.length, file.modifiedMillis));
          }
        });
    Collections.shuffle(found, random);
    return found;
  }

  @Override
  public synchronized void delete(String key) {
    checkNoFolder(key);
    Entry deleted = files.remove(key);
    if (deleted != null && deleted.durable) {
      ghosts.put(key, deleted);
    }
  }

  @Override
  public synchronized String identity(String key) {
    if (!key.isEmpty()) {
      checkKey(key);
    }
    Entry file = files.get(key);
    if (file != null) {
      return "file " + file.id + of;
    }
    Long folder = folderIds.get(key);
    return folder == null ? "" : "folder " + folder + of;
  }

  @Override
  public String toString() {
    return location + " (seed " + seed + ")";
  }

  private Entry present(String key) {
    checkNoFolder(key);
    Entry file = files.get(key);
    if (file == null) {
      throw new FileMissingException("There is no file " + at(key) + ".");
    }
    return file;
  }

  private void checkNoFolder(String key) {
    checkKey(key);
    if (folderIds.containsKey(key)) {
      throw new StorageException(at(key) + " is a folder where the table needs a file.");
    }
    for (String folder = folderOf(key); !folder.isEmpty(); folder = folderOf(folder)) {
      if (files.containsKey(folder)) {
        throw new StorageException(at(folder) + " is a file where the table needs a folder.");
      }
    }
  }

  private void checkKey(String key) {
    if (!Locations.isKey(key)) {
      throw new StorageException("'" + key + "' is no file of " + location + ".");
    }
  }

  private String at(String key) {
    return location + "/" + key;
  }

  private static String folderOf(String key) {
    return key.substring(0, Math.max(0, key.lastIndexOf('/')));
  }

  private static byte[] bytesOf(ByteBuffer content) {
    byte[] bytes = new byte[content.remaining()];
    content.duplicate().get(bytes);
    return bytes;
  }

  private enum State {
    OPEN,
    FINISHED,
    CLOSED
  }

  /** A file being written. What was written is seen at once, and is nowhere near durable. */
  private final class MemoryFile implements NewFile {
    private final String key;
    private final Entry entry;
    private final int madeAfterPowerCut = powerCuts;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private State state = State.OPEN;

    MemoryFile(String key, Entry entry) {
      this.key = key;
      this.entry = entry;
    }

    MemoryStorage storage() {
      return MemoryStorage.this;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public void write(byte[] bytes, int start, int length) {
      synchronized (MemoryStorage.this) {
        require(State.OPEN, "written");
        requirePower();
        written.write(bytes, start, length);
        entry.content = written.toByteArray();
        entry.modifiedMillis = clockMillis.getAsLong();
      }
    }

    @Override
    public long position() {
      return written.size();
    }

    @Override
    public void finish() {
      synchronized (MemoryStorage.this) {
        require(State.OPEN, "finished");
        requirePower();
        state = State.FINISHED;
      }
    }

    void require(State wanted, String work) {
      if (state != wanted) {
        throw new IllegalStateException(key + " cannot be " + work + ": it is " + state);
      }
    }

    void requirePower() {
      if (madeAfterPowerCut != powerCuts) {
        throw new StorageException(key + " was being written when the power was cut");
      }
    }

    @Override
    public void close() {
      synchronized (MemoryStorage.this) {
        if (state == State.OPEN && madeAfterPowerCut == powerCuts && files.get(key) == entry) {
          files.remove(key);
        }
        state = State.CLOSED;
      }
    }
  }

  /** A file as it was when it was opened. */
  private static final class MemoryReader implements ReadableFile {
    private final String at;
    private final String key;
    private final byte[] content;
    private volatile boolean closed;

    MemoryReader(String at, String key, byte[] content) {
      this.at = at;
      this.key = key;
      this.content = content;
    }

    @Override
    public String key() {
      return key;
    }

    @Override
    public long length() {
      return content.length;
    }

    @Override
    public boolean isRemote() {
      return false;
    }

    @Override
    public void read(long position, byte[] into, int start, int length) {
      if (closed) {
        throw new StorageException("Cannot read " + at + ": it was closed by its reader.");
      }
      Objects.checkFromIndexSize(start, length, into.length);
      if (position < 0 || position > content.length - length) {
        throw new CorruptTableException(
            at + " ends at " + content.length + ", wanted " + length + " bytes from " + position);
      }
      System.arraycopy(content, (int) position, into, start, length);
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
