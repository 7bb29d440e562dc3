package io.datashard.s3;

import io.datashard.error.CorruptTableException;
import io.datashard.error.FileMissingException;
import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;
import io.datashard.storage.Locations;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.ReplaceableFile;
import io.datashard.storage.Storage;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One table in a bucket.
 *
 * <p>The exclusive create is one conditional PUT ({@code If-None-Match: *}). What its answer means:
 *
 * <ul>
 *   <li>200: created. 412: the key is taken, perhaps by an earlier try of this very call; the
 *       caller compares tokens (I4).
 *   <li>409, 429, and no connection: nothing happened, and it is sent again.
 *   <li>No answer, a broken one, or an error of the server (5xx but 501): it may have happened. It
 *       is sent again too, for the answer to that settles it mostly: taken now means that somebody
 *       has the key. If none does within the budget, the outcome is unknown.
 *   <li>Everything else is a refusal. It counts as one only if no earlier try was left without an
 *       answer; otherwise the outcome is unknown all the same (I3).
 * </ul>
 *
 * <p>An object is durable and visible under its name when its PUT is answered, so nothing is
 * synced. Folders are only a way to read keys; there is nothing that could tell one from a later
 * one of the same name, and objects are told apart by what they hold: {@link #identity} is "".
 */
final class S3Storage implements Storage {
  private static final int CREATE_BYTES_MAX = 256 << 20;
  private static final int COPY_BYTES = 1 << 16;

  private final S3Location location;
  private final Client client;
  private final Requests requests;
  private final Calls calls;
  private final Canary canary;
  private final Prefetch prefetch;

  S3Storage(S3Location location, Client client) {
    this.location = location;
    this.client = client;
    this.requests = new Requests(client, location.bucket());
    this.calls = new Calls(client.config(), client.env());
    this.prefetch = new Prefetch(client.env());
    this.canary = client.canaryOf(location.bucket());
  }

  @Override
  public String location() {
    return location.toString();
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public OptionalLong clockMillis() {
    return client.clockMillis();
  }

  String at(String key) {
    return location + "/" + key;
  }

  Requests requests() {
    return requests;
  }

  Calls calls() {
    return calls;
  }

  /** The key in the bucket. */
  String full(String key) {
    if (!Locations.isKey(key)) {
      throw new StorageException(
          "'"
              + key
              + "' is no file of the table at "
              + location
              + ": a key has parts between single slashes, none of them empty, '.' or '..'.");
    }
    return location.key() + "/" + key;
  }

  private String fullFolder(String folder) {
    return folder.isEmpty() ? location.key() + "/" : full(folder) + "/";
  }

  // Creating

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    String full = full(key);
    if (content.remaining() > CREATE_BYTES_MAX) {
      throw new StorageException(
          "Cannot create "
              + at(key)
              + " with "
              + content.remaining()
              + " bytes: at most "
              + CREATE_BYTES_MAX
              + " can be created at once. Nothing was changed.");
    }
    canary.require(requests, calls, full("metadata"));
    try {
      calls.send(
          content.remaining(),
          atMost -> {
            requests.put(full, Requests.bodyOf(content), Requests.Condition.NEW, "", atMost);
            return true;
          });
      return PutOutcome.CREATED;
    } catch (S3Failure e) {
      if (e.is(Meaning.TAKEN)) {
        return PutOutcome.EXISTED;
      }
      if (e.inDoubt()) {
        throw new OutcomeUnknownException(
            "The store did not say whether "
                + at(key)
                + " was created: "
                + e.getMessage()
                + ". Look after that store, then look whether the change is there.",
            e);
      }
      throw S3Errors.storage("create", at(key), e);
    }
  }

  /** What goes wrong is told when the file is made durable: until then nothing is waited for. */
  @Override
  public NewFile create(String key) {
    String full = full(key);
    canary.start(requests, calls, full("metadata"));
    return new S3NewFile(this, key, full);
  }

  @Override
  public void makeDurable(List<NewFile> files) {
    for (NewFile each : files) {
      ours(each).requireFinished();
    }
    StorageException first = null;
    try {
      if (!files.isEmpty()) {
        canary.require(requests, calls, full("metadata"));
      }
    } catch (StorageException e) {
      first = e;
    }
    for (NewFile each : files) {
      try {
        ours(each).awaitSent();
      } catch (StorageException e) {
        if (first == null) {
          first = e;
        } else {
          first.addSuppressed(e);
        }
      }
    }
    files.forEach(NewFile::close);
    if (first != null) {
      throw first;
    }
  }

  private S3NewFile ours(NewFile file) {
    if (file instanceof S3NewFile ours && ours.storage() == this) {
      return ours;
    }
    throw new IllegalArgumentException(file.key() + " was not created by this storage");
  }

  @Override
  public void makeDurable(String key) {
    String full = full(key);
    try {
      calls.send(0, atMost -> requests.head(full, atMost));
    } catch (S3Failure e) {
      throw S3Errors.reading("look at", at(key), e);
    }
  }

  @Override
  public void importFile(Path source, String key) {
    full(key);
    try {
      Path real = source.toRealPath();
      if (!Files.isRegularFile(real)) {
        throw new StorageException("Cannot import " + source + ": it is not a file.");
      }
      try (RandomAccessFile from = new RandomAccessFile(real.toFile(), "r");
          NewFile file = create(key)) {
        byte[] piece = new byte[COPY_BYTES];
        for (int count = from.read(piece); count > 0; count = from.read(piece)) {
          file.write(piece, 0, count);
        }
        file.finish();
        makeDurable(List.of(file));
      }
    } catch (NoSuchFileException e) {
      throw new FileMissingException("There is no file " + source + ".", e);
    } catch (IOException e) {
      throw new StorageException(
          "Cannot read " + source + ": " + e.getMessage() + ". Nothing was imported.", e);
    }
  }

  @Override
  public void replace(String key, ByteBuffer content) {
    String full = full(key);
    try {
      calls.send(
          content.remaining(),
          atMost -> {
            requests.put(full, Requests.bodyOf(content), Requests.Condition.NONE, "", atMost);
            return true;
          });
    } catch (S3Failure e) {
      throw S3Errors.storage("replace", at(key), e);
    }
  }

  @Override
  public ReplaceableFile replaceable(String key) {
    return new S3ReplaceableFile(this, key, full(key));
  }

  @Override
  public void delete(String key) {
    String full = full(key);
    try {
      calls.send(
          0,
          atMost -> {
            requests.delete(full, atMost);
            return true;
          });
    } catch (S3Failure e) {
      if (!e.is(Meaning.MISSING) || Requests.isNoBucket(e)) {
        throw S3Errors.storage("delete", at(key), e);
      }
    }
  }

  // Reading

  @Override
  public void expect(List<Expected> files) {
    prefetch.start(files, (key, length) -> S3ReadableFile.fetch(this, full(key), length));
  }

  /** The beginning of every read of a file: perhaps it is on its way. */
  Requests.Got first(String key, String full, long length) throws S3Failure {
    Calls.Pending<Requests.Got> ahead = prefetch.take(key, length);
    return (ahead == null ? S3ReadableFile.fetch(this, full, length) : ahead).await();
  }

  @Override
  public ReadableFile open(String key, long length) {
    return S3ReadableFile.open(this, key, full(key), length);
  }

  @Override
  public Optional<byte[]> read(String key, int bytesMax) {
    Calls.Pending<Requests.Got> ahead = prefetch.take(key, -1);
    return contentOf(key, bytesMax, ahead != null ? ahead : startRead(key, bytesMax));
  }

  /** Nothing of it is fetched ahead: what is asked for here may not be there a moment before. */
  @Override
  public List<Supplier<Optional<byte[]>>> readEach(List<String> keys, int bytesMax) {
    List<Supplier<Optional<byte[]>>> contents = new ArrayList<>();
    for (String key : keys) {
      Calls.Pending<Requests.Got> started = startRead(key, bytesMax);
      contents.add(() -> contentOf(key, bytesMax, started));
    }
    return contents;
  }

  private Calls.Pending<Requests.Got> startRead(String key, int bytesMax) {
    String full = full(key);
    return calls.start(
        tries -> tries.send(bytesMax, atMost -> requests.get(full, bytesMax, atMost)));
  }

  private Optional<byte[]> contentOf(
      String key, int bytesMax, Calls.Pending<Requests.Got> pending) {
    try {
      Requests.Got got = pending.await();
      byte[] bytes = got.bytes();
      if (bytes == null || bytes.length > bytesMax) {
        throw new StorageException(
            "File "
                + at(key)
                + " has "
                + got.length()
                + " bytes; at most "
                + bytesMax
                + " are read here.");
      }
      return Optional.of(bytes);
    } catch (S3Failure e) {
      if (e.is(Meaning.MISSING) && !Requests.isNoBucket(e)) {
        return Optional.empty();
      }
      throw S3Errors.storage("read", at(key), e);
    }
  }

  @Override
  public byte[] readWhole(String key, long length) {
    if (length > S3ReadableFile.WHOLE_BYTES_MAX) {
      return Storage.super.readWhole(key, length);
    }
    String full = full(key);
    try {
      Requests.Got got = first(key, full, length);
      byte[] bytes = got.bytes();
      if (length >= 0 && (bytes == null || bytes.length != length)) {
        throw otherLength(key, got.length(), length);
      }
      if (bytes == null) {
        throw new StorageException(
            at(key) + " has " + got.length() + " bytes, too many to read at once.");
      }
      return bytes;
    } catch (S3Failure e) {
      throw S3Errors.reading("read", at(key), e);
    }
  }

  CorruptTableException otherLength(String key, long found, long expected) {
    return new CorruptTableException(
        "File "
            + at(key)
            + " has "
            + found
            + " bytes and the table's metadata says "
            + expected
            + ": it is cut or was overwritten. Restore it from a copy.");
  }

  @Override
  public Optional<Listed> find(String key) {
    String full = full(key);
    try {
      Requests.Found found = calls.send(0, atMost -> requests.head(full, atMost));
      return Optional.of(new Listed(key, found.length(), found.modifiedMillis()));
    } catch (S3Failure e) {
      if (e.is(Meaning.MISSING)) {
        return Optional.empty();
      }
      throw S3Errors.storage("look at", at(key), e);
    }
  }

  @Override
  public boolean exists(String key) {
    return find(key).isPresent();
  }

  @Override
  public List<Listed> list(String folder, String namePrefix) {
    return list(folder, fullFolder(folder) + namePrefix, false);
  }

  @Override
  public List<Listed> listAll(String folder) {
    return list(folder, fullFolder(folder), true);
  }

  private List<Listed> list(String folder, String prefix, boolean flat) {
    int start = location.key().length() + 1;
    List<Listed> found = new ArrayList<>();
    Set<String> pages = new LinkedHashSet<>();
    String next = "";
    try {
      do {
        String from = next;
        Requests.Page page = calls.send(0, atMost -> requests.list(prefix, flat, from, atMost));
        for (Requests.Item item : page.items()) {
          String key = item.key().substring(start);
          // Consoles leave empty objects such as "folder/" behind. They are no files of ours.
          if (Locations.isKey(key)) {
            found.add(new Listed(key, item.length(), item.modifiedMillis()));
          }
        }
        next = page.next();
      } while (!next.isEmpty() && pages.add(next));
    } catch (S3Failure e) {
      throw S3Errors.storage("list", folder.isEmpty() ? location() : at(folder), e);
    }
    if (!next.isEmpty()) {
      throw new StorageException(
          "Cannot list " + location + "/" + folder + ": the store goes round in circles.");
    }
    return found;
  }

  @Override
  public String identity(String key) {
    if (!key.isEmpty()) {
      full(key);
    }
    return "";
  }

  @Override
  public String machineKey() {
    return client.machineKey(location);
  }

  @Override
  public String toString() {
    return location.toString();
  }
}
