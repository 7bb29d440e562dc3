package io.datashard.internal.parquet;

import shaded.parquet.org.apache.thrift.TBase;
import shaded.parquet.org.apache.thrift.TConfiguration;
import shaded.parquet.org.apache.thrift.TException;
import shaded.parquet.org.apache.thrift.protocol.TCompactProtocol;
import shaded.parquet.org.apache.thrift.transport.TTransport;
import shaded.parquet.org.apache.thrift.transport.TTransportException;

/**
 * Reads the structures of {@code parquet.thrift} from bytes in memory.
 *
 * <p>No string, list or map may be longer than the bytes that are left, so a lie about a length
 * costs no memory.
 */
final class ThriftReader {
  /** Deep enough for parquet.thrift, and for unknown fields of later versions. */
  private static final int DEPTH_MAX = 32;

  private ThriftReader() {}

  /** The bytes end inside the structure; with more of them it might be fine. */
  static final class EndException extends Exception {
    private static final long serialVersionUID = 1L;

    EndException(Throwable cause) {
      super(cause);
    }
  }

  /**
   * Fills {@code into} from the bytes at {@code start}.
   *
   * @param end where the bytes end
   * @return where the structure ends
   * @throws EndException the bytes end inside the structure
   * @throws DamagedException they are no such structure
   */
  static int read(TBase<?, ?> into, byte[] bytes, int start, int end) throws EndException {
    Slice slice = new Slice(bytes, start, end);
    try {
      into.read(new TCompactProtocol(slice, end - start, end - start));
      return slice.at;
    } catch (TTransportException e) {
      throw new EndException(e);
    } catch (TException | IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new DamagedException("no valid " + into.getClass().getSimpleName(), e);
    }
  }

  /** As {@link #read}, where all bytes there are were given. */
  static int readWhole(TBase<?, ?> into, byte[] bytes, int start, int end) {
    try {
      return read(into, bytes, start, end);
    } catch (EndException e) {
      throw new DamagedException(into.getClass().getSimpleName() + " ends early", e);
    }
  }

  private static final class Slice extends TTransport {
    private static final TConfiguration CONFIGURATION =
        new TConfiguration(Integer.MAX_VALUE, Integer.MAX_VALUE, DEPTH_MAX);

    private final byte[] bytes;
    private final int end;
    private int at;

    Slice(byte[] bytes, int start, int end) {
      this.bytes = bytes;
      this.at = start;
      this.end = end;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void open() {}

    @Override
    public void close() {}

    @Override
    public int read(byte[] into, int start, int length) throws TTransportException {
      checkReadBytesAvailable(length);
      System.arraycopy(bytes, at, into, start, length);
      at += length;
      return length;
    }

    @Override
    public void write(byte[] from, int start, int length) {
      throw new UnsupportedOperationException("read only");
    }

    @Override
    public byte[] getBuffer() {
      return bytes;
    }

    @Override
    public int getBufferPosition() {
      return at;
    }

    @Override
    public int getBytesRemainingInBuffer() {
      return end - at;
    }

    @Override
    public void consumeBuffer(int length) {
      at += length;
    }

    @Override
    public TConfiguration getConfiguration() {
      return CONFIGURATION;
    }

    @Override
    public void updateKnownMessageSize(long size) {}

    @Override
    public void checkReadBytesAvailable(long length) throws TTransportException {
      if (length < 0 || length > end - at) {
        throw new TTransportException(
            TTransportException.END_OF_FILE, length + " bytes wanted, " + (end - at) + " are left");
      }
    }
  }
}
