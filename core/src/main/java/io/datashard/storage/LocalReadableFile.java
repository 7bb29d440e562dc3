package io.datashard.storage;

import io.datashard.error.CorruptTableException;
import io.datashard.error.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;

/**
 * An open local file, read at any place by any number of threads at once.
 *
 * <p>An interrupt of one reading thread closes the channel for all of them; the JDK has no
 * positional read without that. So whoever finds the channel closed opens the file again and goes
 * on; the interrupted thread gets its mark back when its read is done. Files are immutable, so the
 * file opened again has the same content, or is gone and named as missing.
 */
final class LocalReadableFile implements ReadableFile {
  /** A larger read makes the JDK keep as much memory outside the heap, for each thread. */
  private static final int READ_BYTES_MAX = 1 << 18;

  private final String key;
  private final Path path;
  private final long length;
  private volatile FileChannel channel;
  private volatile boolean closed;

  LocalReadableFile(String key, Path path, long length) throws IOException {
    this.key = key;
    this.path = path;
    this.length = length;
    this.channel = FileChannel.open(path, StandardOpenOption.READ);
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
    return false;
  }

  @Override
  public void read(long position, byte[] into, int start, int length) {
    Objects.checkFromIndexSize(start, length, into.length);
    if (position < 0 || position > this.length - length) {
      throw ended(position, length, this.length);
    }
    boolean interrupted = Thread.interrupted();
    try {
      int done = 0;
      while (done < length) {
        int piece = Math.min(length - done, READ_BYTES_MAX);
        FileChannel from = channel;
        try {
          int count = from.read(ByteBuffer.wrap(into, start + done, piece), position + done);
          if (count <= 0) {
            throw ended(position, length, Files.size(path));
          }
          done += count;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
          reopen(from);
        } catch (ClosedChannelException e) {
          reopen(from);
        }
      }
    } catch (IOException e) {
      throw LocalErrors.storage("read", path, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized void reopen(FileChannel lost) throws IOException {
    if (closed) {
      throw new StorageException("Cannot read " + path + ": it was closed by its reader.");
    }
    if (channel == lost) {
      channel = FileChannel.open(path, StandardOpenOption.READ);
    }
  }

  private CorruptTableException ended(long position, int wanted, long end) {
    return new CorruptTableException(
        "File "
            + path
            + " is cut or damaged: bytes "
            + position
            + " to "
            + (position + wanted)
            + " were asked for and it ends at "
            + end
            + ". Restore it from a copy, or go back to a snapshot that does not use it.");
  }

  @Override
  public synchronized void close() {
    closed = true;
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing was written.
    }
  }
}
