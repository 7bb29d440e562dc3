package io.datashard.storage;

import io.datashard.error.StorageException;

/**
 * A file being written front to back. Write, {@link #finish}, then {@link Storage#makeDurable}; or
 * {@link #close} without finish, which removes it. Used by one thread at a time.
 */
public interface NewFile extends AutoCloseable {
  /** The file's key. */
  String key();

  /**
   * Appends {@code length} bytes from {@code start}.
   *
   * @throws StorageException it failed; the file can only be closed
   */
  void write(byte[] bytes, int start, int length);

  /** Bytes written so far. */
  long position();

  /**
   * Ends the file: its content is complete, not yet durable.
   *
   * @throws StorageException it failed; the file can only be closed
   */
  void finish();

  /** Before {@link #finish}: gives up and removes the file. After it: frees what is held open. */
  @Override
  void close();
}
