package io.datashard.storage;

import io.datashard.error.FileMissingException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * The files below one table's location, and all that DataShard asks of a store.
 *
 * <p>A <em>key</em> is a path below the location: {@code /} between parts, no leading slash, no
 * {@code .} or {@code ..}, no empty part. Anything else, and any key that would lead outside the
 * location through a symbolic link, is refused (I8). Files are immutable once complete, except
 * those given to {@link #replace}. Safe for use by many threads.
 */
public interface Storage {
  /** The absolute URI of the table, with scheme, without a slash at the end. */
  String location();

  /**
   * Whether each call is a request over a network: callers then rather act on what they know and
   * are told that it is old than look first, and do not wait for what only others need.
   */
  default boolean isRemote() {
    return false;
  }

  /**
   * The store's own time as one of its last answers told it, milliseconds since 1970, to a second
   * or so; empty if none told it yet. Of a store with several clocks it may be any of them.
   */
  default OptionalLong clockMillis() {
    return OptionalLong.empty();
  }

  /**
   * The same files for writers who ask for so much durability and no more: at {@link
   * Durability#OS}, {@link #createExclusive}, {@link #makeDurable(List)}, {@link
   * #makeDurable(String)} and {@link #importFile} do not wait for a device. A store that answers
   * only when a file is durable returns itself.
   */
  default Storage withDurability(Durability level) {
    return this;
  }

  /**
   * Creates {@code key} with this content if nothing is there. This single call is what makes a
   * commit.
   *
   * <p>Of any number of concurrent callers naming the same key, in any process, exactly one is told
   * CREATED. A reader sees no file or the whole file (I2). When it returns CREATED, content and
   * name are durable, and so is every folder on the way.
   *
   * @param content all bytes, position to limit, at most 256 MiB; the buffer is not changed
   * @return CREATED, or EXISTED if the key was taken, possibly by an earlier try of this very call
   * @throws OutcomeUnknownException the request was sent and no answer came; it may or may not have
   *     happened, or the file is there but may not be durable
   * @throws StorageException nothing was changed
   */
  PutOutcome createExclusive(String key, ByteBuffer content);

  /**
   * Makes finished files durable and then creates {@code key} exclusively, as {@link
   * #makeDurable(List)} and {@link #createExclusive(String, ByteBuffer)} one after the other would.
   * A store may make the content durable beside the files: all of it is before the name is there.
   *
   * @param named what the content names; closed afterwards, and durable if this returns
   * @throws OutcomeUnknownException as there
   * @throws StorageException the name was not created
   */
  default PutOutcome createExclusive(String key, ByteBuffer content, List<NewFile> named) {
    if (!named.isEmpty()) {
      makeDurable(named);
    }
    return createExclusive(key, content);
  }

  /**
   * Starts a new file under a name that nobody else uses. It may be visible before it is complete;
   * that is harmless, because nothing names it yet. A name that is taken stays as it is; a store
   * that would have to ask says so only when the file is made durable.
   *
   * @throws StorageException the name is taken, or the store refused; at most a file is left that
   *     nothing names
   */
  NewFile create(String key);

  /**
   * Makes these finished files durable, with their names and the folders on the way. They may be
   * made durable side by side. Afterwards they are closed.
   *
   * @throws StorageException a file may not be durable; none of them may be named by a commit. A
   *     failed sync is never repeated on the same file (I3): write it anew
   */
  void makeDurable(List<NewFile> files);

  /**
   * Makes durable a file, or the folder entry of a file, that another process may have written,
   * before this process acknowledges what it holds (I3).
   *
   * @throws FileMissingException there is no such file
   * @throws StorageException it may not be durable
   */
  void makeDurable(String key);

  /**
   * Puts a local file under a new key without copying where the store can, and makes it durable.
   * The source may become a second name of the same file: it must not be written to afterwards. A
   * source that is a symbolic link stands for the file that it leads to.
   *
   * @throws FileMissingException there is no such local file
   * @throws StorageException the key is taken, the source is no file, or the store refused; at most
   *     a file is left that nothing names
   */
  void importFile(Path source, String key);

  /** The key of a local file that lies below the location already; empty if it does not. */
  default Optional<String> keyInside(Path source) {
    return Optional.empty();
  }

  /**
   * Replaces a small file: readers see the old or the new content, whole; of a few bytes that were
   * replaced while a reader had them open it may see what came later. Not a commit: the last writer
   * wins, and durability is not promised. Only for what a table can lose (I6), and only for keys
   * that nothing else created.
   *
   * @throws StorageException the old content stands, or the new one if the store's answer was lost
   */
  void replace(String key, ByteBuffer content);

  /** A file for {@link #replace}, for who wants to know whether others replace it too. */
  default ReplaceableFile replaceable(String key) {
    return new ReplaceableFile() {
      @Override
      public Optional<byte[]> read() {
        return Storage.this.read(key, BYTES_MAX);
      }

      @Override
      public boolean replace(ByteBuffer content) {
        Storage.this.replace(key, content);
        return true;
      }

      @Override
      public boolean tellsOfOthers() {
        return false;
      }
    };
  }

  /**
   * Opens a file for reading.
   *
   * @param length its length if the caller knows it from metadata, else -1
   * @throws FileMissingException there is no such file
   * @throws io.datashard.error.CorruptTableException the file has another length than given
   * @throws StorageException the store refused
   */
  ReadableFile open(String key, long length);

  /**
   * Tells that these files will soon be opened or read whole, in about this order. A store that is
   * far away may fetch them meanwhile, as many as it has room for; the others do nothing. Nothing
   * fails here: what goes wrong is told when the file is opened.
   */
  default void expect(List<Expected> files) {}

  /**
   * A file that will be read.
   *
   * @param length as for {@link #open}
   */
  record Expected(String key, long length) {}

  /**
   * The whole of a file that must be there.
   *
   * @param length its length if the caller knows it from metadata, else -1
   * @throws FileMissingException there is no such file
   * @throws io.datashard.error.CorruptTableException the file has another length than given
   * @throws StorageException the store refused, or the file is larger than an array
   */
  default byte[] readWhole(String key, long length) {
    try (ReadableFile file = open(key, length)) {
      if (file.length() > Integer.MAX_VALUE - 16) {
        throw new StorageException(
            location() + "/" + key + " has " + file.length() + " bytes, too many to read at once.");
      }
      byte[] bytes = new byte[(int) file.length()];
      file.read(0, bytes, 0, bytes.length);
      return bytes;
    }
  }

  /**
   * The whole file, or empty if there is none.
   *
   * @param bytesMax refuses larger files
   * @throws StorageException the file is larger, or the store refused
   */
  Optional<byte[]> read(String key, int bytesMax);

  /**
   * Several files, in their order; a store that is far away is asked for all of them at once.
   *
   * @return what gives each as {@link #read} would, and throws what that would throw
   */
  default List<Supplier<Optional<byte[]>>> readEach(List<String> keys, int bytesMax) {
    return keys.stream().<Supplier<Optional<byte[]>>>map(key -> () -> read(key, bytesMax)).toList();
  }

  /**
   * What {@link #list} would tell of this file, empty if there is none.
   *
   * @throws StorageException the store refused
   */
  Optional<Listed> find(String key);

  /** Whether there is a file of this key, as cheaply as the store can tell. */
  boolean exists(String key);

  /**
   * The files in a folder whose names start as given, in no order. Folders are not listed.
   *
   * @param folder a key without slash at the end, or "" for the location itself; a missing folder
   *     is empty
   * @param namePrefix how the names start; "" for all
   */
  List<Listed> list(String folder, String namePrefix);

  /**
   * Only the names of what {@link #list} finds, which may be much cheaper; a store that has folders
   * may name them too.
   */
  default List<String> names(String folder, String namePrefix) {
    int start = folder.isEmpty() ? 0 : folder.length() + 1;
    return list(folder, namePrefix).stream().map(each -> each.key().substring(start)).toList();
  }

  /** All files below a folder, at any depth, in no order. */
  List<Listed> listAll(String folder);

  /**
   * Deletes a file; a missing one is no error. Never a commit, and after a power cut the file may
   * be back.
   *
   * @throws StorageException it may be gone or not
   */
  void delete(String key);

  /**
   * What tells this folder or file from another that later has the same name (locally: device and
   * inode, for a file also length and time), or "" where the store has no such thing or there is no
   * such file (I11). "" stands for the location itself.
   */
  String identity(String key);

  /**
   * What this table is known by among the processes of this machine, so that they can commit
   * together; two storages of one key reach the same files with the same rights. "" if nothing
   * tells, and then every handle commits alone.
   */
  default String machineKey() {
    return "";
  }

  /**
   * One file of a listing.
   *
   * @param key its key
   * @param length bytes
   * @param modifiedMillis when it was last written, or got its name if that was later, by the
   *     store's clock, milliseconds since 1970
   */
  record Listed(String key, long length, long modifiedMillis) {}
}
