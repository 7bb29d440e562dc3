package io.datashard.storage;

import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;

/** An open file that any number of threads read at any place. */
public interface ReadableFile extends AutoCloseable {
  /** The file's key, for messages. */
  String key();

  /** Bytes in all. */
  long length();

  /** Whether each read is a round trip, so that one large read beats several small ones. */
  boolean isRemote();

  /**
   * Reads exactly {@code length} bytes from {@code position} of the file into {@code into}, from
   * {@code start} on.
   *
   * @throws CorruptTableException the file ends before; it is named
   * @throws StorageException the store failed
   */
  void read(long position, byte[] into, int start, int length);

  /** Frees the file; no error is reported. */
  @Override
  void close();
}
