package io.datashard.storage;

import io.datashard.error.StorageException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A small file that several processes replace, such as the version hint (I6). It remembers what it
 * read or wrote last. For one thread at a time.
 */
public interface ReplaceableFile {
  /** Larger files are none of these. */
  int BYTES_MAX = 4 << 10;

  /**
   * The content; empty if there is no such file.
   *
   * @throws StorageException the file is larger than {@link #BYTES_MAX}, or the store refused
   */
  Optional<byte[]> read();

  /**
   * Replaces the content as {@link Storage#replace} does, unless it is not the one that was read or
   * written here last. Where the store cannot tell, the last writer wins.
   *
   * @return false if there is, or may be, content that was not seen here; nothing was changed then
   * @throws StorageException the old content stands, or the new one if the store's answer was lost
   */
  boolean replace(ByteBuffer content);

  /** Whether {@link #replace} tells of others; a remote store may learn only by trying. */
  boolean tellsOfOthers();
}
