package io.datashard.storage;

import io.datashard.error.StorageException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A new local file. Its descriptor stays open until the sync, because the kernel tells of a lost
 * write only whoever had the file open. A {@link FileOutputStream}, because an interrupt closes the
 * channels of the other ways in the middle of a write.
 */
final class LocalNewFile implements NewFile {
  private enum State {
    OPEN,
    FINISHED,
    FAILED,
    CLOSED
  }

  private static final int BUFFER_BYTES = 8192;

  /** A larger write makes the JDK take as much memory outside the heap. */
  private static final int WRITE_BYTES_MAX = 1 << 18;

  private final String key;
  private final Path path;
  private final FileOutputStream out;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int buffered;
  private long position;
  private State state = State.OPEN;

  /**
   * Creates the file.
   *
   * @throws FileAlreadyExistsException the name is taken
   */
  LocalNewFile(String key, Path path) throws IOException {
    this.key = key;
    this.path = path;
    Files.createFile(path);
    FileOutputStream opened = null;
    try {
      // Not by cutting it to nothing: ext4 writes the content of a file that was cut when it is
      // closed, whether anybody asks for a sync or not.
      opened = new FileOutputStream(path.toFile(), true);
    } finally {
      if (opened == null) {
        Files.deleteIfExists(path);
      }
    }
    this.out = opened;
  }

  @Override
  public String key() {
    return key;
  }

  Path path() {
    return path;
  }

  @Override
  public long position() {
    return position;
  }

  @Override
  public void write(byte[] bytes, int start, int length) {
    Objects.checkFromIndexSize(start, length, bytes.length);
    require(State.OPEN, "written");
    try {
      if (length > BUFFER_BYTES - buffered) {
        flush();
      }
      if (length >= BUFFER_BYTES) {
        writeThrough(bytes, start, length);
      } else {
        System.arraycopy(bytes, start, buffer, buffered, length);
        buffered += length;
      }
      position += length;
    } catch (IOException e) {
      state = State.FAILED;
      throw LocalErrors.storage("write", path, e);
    }
  }

  /** Appends position to limit; the buffer is not changed. */
  void write(ByteBuffer content) {
    if (content.hasArray()) {
      write(content.array(), content.arrayOffset() + content.position(), content.remaining());
      return;
    }
    ByteBuffer rest = content.duplicate();
    byte[] piece = new byte[Math.min(rest.remaining(), WRITE_BYTES_MAX)];
    while (rest.hasRemaining()) {
      int length = Math.min(rest.remaining(), piece.length);
      rest.get(piece, 0, length);
      write(piece, 0, length);
    }
  }

  private void flush() throws IOException {
    out.write(buffer, 0, buffered);
    buffered = 0;
  }

  private void writeThrough(byte[] bytes, int start, int length) throws IOException {
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, WRITE_BYTES_MAX);
      out.write(bytes, start + done, piece);
      done += piece;
    }
  }

  @Override
  public void finish() {
    require(State.OPEN, "finished");
    try {
      flush();
      state = State.FINISHED;
    } catch (IOException e) {
      state = State.FAILED;
      throw LocalErrors.storage("write", path, e);
    }
  }

  void requireFinished() {
    require(State.FINISHED, "made durable");
  }

  private void require(State wanted, String work) {
    if (state != wanted) {
      throw new IllegalStateException(
          "file " + key + " cannot be " + work + ": it is " + state + ", not " + wanted);
    }
  }

  void sync(Syncs syncs) throws IOException {
    syncs.file(path, out.getFD());
  }

  @Override
  public void close() {
    if (state == State.CLOSED) {
      return;
    }
    boolean complete = state == State.FINISHED;
    state = State.CLOSED;
    try {
      out.close();
    } catch (IOException e) {
      // All bytes went to the kernel when the file was finished; what it lost, the sync reports.
    }
    if (!complete) {
      remove(path);
    }
  }

  /** Removes what nobody names; if that fails, it only takes up room. */
  static void remove(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      // The clean-up of orphans finds it.
    }
  }

  static StorageException taken(String key, Path path, FileAlreadyExistsException cause) {
    return new StorageException(
        "Cannot create " + key + ": " + path + " is there already. It was not changed.", cause);
  }
}
