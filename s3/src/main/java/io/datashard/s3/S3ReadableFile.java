package io.datashard.s3;

import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;
import io.datashard.s3.S3Failure.Meaning;
import io.datashard.storage.ReadableFile;
import java.util.Objects;

/**
 * An open object. A small one is fetched whole when it is opened, of a larger one the end, where
 * Parquet has its footer; both tell length and ETag. Later reads ask for the same ETag, so an
 * object that was replaced meanwhile is an error and no mixture.
 */
final class S3ReadableFile implements ReadableFile {
  /** One request fetches so much in about the time of its round trip. */
  static final int WHOLE_BYTES_MAX = 1 << 20;

  private static final int END_BYTES = 256 << 10;

  /** An array has no more. */
  private static final int LENGTH_MAX = Integer.MAX_VALUE - 16;

  private final S3Storage storage;
  private final String key;
  private final String full;
  private final String eTag;
  private final long length;

  /** Bytes at hand, from keptStart on. */
  private final byte[] kept;

  private final long keptStart;
  private volatile boolean closed;

  private S3ReadableFile(
      S3Storage storage,
      String key,
      String full,
      String eTag,
      long length,
      byte[] kept,
      long keptStart) {
    this.storage = storage;
    this.key = key;
    this.full = full;
    this.eTag = eTag;
    this.length = length;
    this.kept = kept;
    this.keptStart = keptStart;
  }

  /**
   * What {@link #open} begins with: all of a small file, the end of a larger one; of a file whose
   * length is not known all.
   */
  static Calls.Pending<Requests.Got> fetch(S3Storage storage, String full, long length) {
    Requests requests = storage.requests();
    if (length < 0) {
      return storage
          .calls()
          .start(tries -> tries.send(0, atMost -> requests.get(full, LENGTH_MAX, atMost)));
    }
    if (length <= WHOLE_BYTES_MAX) {
      return storage
          .calls()
          .start(tries -> tries.send(length, atMost -> requests.get(full, length, atMost)));
    }
    Requests.Range end = new Requests.Range(length - END_BYTES, length - 1);
    return storage
        .calls()
        .start(tries -> tries.send(END_BYTES, atMost -> requests.get(full, end, "", atMost)));
  }

  /** Opens an object; the length is what metadata says, or -1. */
  static S3ReadableFile open(S3Storage storage, String key, String full, long length) {
    long expected = length;
    try {
      if (length < 0) {
        expected =
            storage.calls().send(0, atMost -> storage.requests().head(full, atMost)).length();
      }
      Requests.Got got = storage.first(key, full, expected);
      long start = expected <= WHOLE_BYTES_MAX ? 0 : expected - END_BYTES;
      byte[] bytes = got.bytes();
      if (bytes == null || got.length() != expected || start + bytes.length != expected) {
        throw storage.otherLength(key, got.length(), expected);
      }
      return new S3ReadableFile(storage, key, full, got.eTag(), expected, bytes, start);
    } catch (S3Failure e) {
      if (e.is(Meaning.BEYOND)) {
        throw new CorruptTableException(
            "File "
                + storage.at(key)
                + " ends before byte "
                + (expected - END_BYTES)
                + " and the table's metadata says it has "
                + expected
                + ": it is cut or was overwritten. Restore it from a copy.",
            e);
      }
      throw S3Errors.reading("open", storage.at(key), e);
    }
  }

  @Override
  public String key() {
    return key;
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public boolean isRemote() {
    return true;
  }

  @Override
  public void read(long position, byte[] into, int start, int wanted) {
    if (closed) {
      throw new StorageException(
          "Cannot read " + storage.at(key) + ": it was closed by its reader.");
    }
    Objects.checkFromIndexSize(start, wanted, into.length);
    if (position < 0 || position > length - wanted) {
      throw new CorruptTableException(
          "File "
              + storage.at(key)
              + " ends at "
              + length
              + ", wanted "
              + wanted
              + " bytes from "
              + position
              + ". It is cut or was overwritten. Restore it from a copy.");
    }
    int before = (int) Math.max(0, Math.min(wanted, keptStart - position));
    if (before > 0) {
      System.arraycopy(fetch(position, before), 0, into, start, before);
    }
    if (wanted > before) {
      System.arraycopy(
          kept, (int) (position + before - keptStart), into, start + before, wanted - before);
    }
  }

  private byte[] fetch(long position, int wanted) {
    Requests.Range range = new Requests.Range(position, position + wanted - 1);
    try {
      Requests.Got got =
          storage.calls().send(wanted, atMost -> storage.requests().get(full, range, eTag, atMost));
      byte[] bytes = got.bytes();
      if (bytes == null || bytes.length != wanted || got.length() != length) {
        throw storage.otherLength(key, got.length(), length);
      }
      if (!got.eTag().equals(eTag)) {
        throw replaced(null);
      }
      return bytes;
    } catch (S3Failure e) {
      if (e.is(Meaning.TAKEN) || e.is(Meaning.BEYOND)) {
        throw replaced(e);
      }
      throw S3Errors.reading("read", storage.at(key), e);
    }
  }

  private CorruptTableException replaced(@org.jspecify.annotations.Nullable S3Failure cause) {
    return new CorruptTableException(
        "File "
            + storage.at(key)
            + " was replaced while it was read: it had the ETag "
            + eTag
            + " and now has another. Files of a table never change; restore it from a copy.",
        cause);
  }

  @Override
  public void close() {
    closed = true;
  }
}
