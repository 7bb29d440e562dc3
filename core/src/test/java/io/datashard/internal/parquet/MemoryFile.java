package io.datashard.internal.parquet;

import io.datashard.error.CorruptTableException;
import io.datashard.storage.NewFile;
import io.datashard.storage.ReadableFile;
import java.io.ByteArrayOutputStream;

/** Files in memory: one to write, one to read that counts. */
public final class MemoryFile implements ReadableFile {
  private final byte[] bytes;
  private long reads;
  private long bytesRead;
  private boolean closed;

  /** A file of these bytes. */
  public MemoryFile(byte[] bytes) {
    this.bytes = bytes;
  }

  /** How often it was read. */
  public long reads() {
    return reads;
  }

  /** Bytes read in all. */
  public long bytesRead() {
    return bytesRead;
  }

  /** Whether it was closed. */
  public boolean isClosed() {
    return closed;
  }

  @Override
  public String key() {
    return "data/some.parquet";
  }

  @Override
  public long length() {
    return bytes.length;
  }

  @Override
  public boolean isRemote() {
    return false;
  }

  @Override
  public void read(long position, byte[] into, int start, int length) {
    if (position < 0 || position + length > bytes.length) {
      throw new CorruptTableException(key() + " ends before " + (position + length) + ".");
    }
    System.arraycopy(bytes, (int) position, into, start, length);
    reads++;
    bytesRead += length;
  }

  @Override
  public void close() {
    closed = true;
  }

  /** A file being written. */
  static final class Open implements NewFile {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** What was written. */
    byte[] bytes() {
      return bytes.toByteArray();
    }

    @Override
    public String key() {
      return "data/some.parquet";
    }

    @Override
    public void write(byte[] from, int start, int length) {
      bytes.write(from, start, length);
    }

    @Override
    public long position() {
      return bytes.size();
    }

    @Override
    public void finish() {}

    @Override
    public void close() {}
  }
}
