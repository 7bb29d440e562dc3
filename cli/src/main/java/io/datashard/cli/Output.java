package io.datashard.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Standard output: buffered, UTF-8, and it tells when nobody reads any more.
 *
 * <p>Only data goes here. Messages and progress go to {@link Console#say}.
 */
public final class Output extends OutputStream {
  private static final int BUFFER_BYTES = 1 << 16;

  /** Whoever read our output has closed it, as {@code head} does. */
  public static final class ClosedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClosedException(IOException cause) {
      super("Nobody reads the output any more.", cause);
    }
  }

  private final OutputStream to;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int used;

  Output(OutputStream to) {
    this.to = to;
  }

  /** Writes a line of text. */
  public void line(String text) {
    text(text);
    write('\n');
  }

  /** Writes text. */
  public void text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    write(bytes, 0, bytes.length);
  }

  @Override
  public void write(int oneByte) {
    if (used == buffer.length) {
      send();
    }
    buffer[used++] = (byte) oneByte;
  }

  @Override
  public void write(byte[] bytes, int start, int length) {
    int from = start;
    int left = length;
    while (left > 0) {
      if (used == buffer.length) {
        send();
      }
      int part = Math.min(left, buffer.length - used);
      System.arraycopy(bytes, from, buffer, used, part);
      used += part;
      from += part;
      left -= part;
    }
  }

  private void send() {
    int length = used;
    used = 0; // even if it fails: what could not be written once is not tried again
    try {
      to.write(buffer, 0, length);
    } catch (IOException e) {
      throw failure(e);
    }
  }

  @Override
  public void flush() {
    send();
    try {
      to.flush();
    } catch (IOException e) {
      throw failure(e);
    }
  }

  private static RuntimeException failure(IOException e) {
    String message = String.valueOf(e.getMessage());
    // The only sign that the JDK gives: the text of EPIPE.
    if (message.contains("Broken pipe") || message.contains("pipe is being closed")) {
      return new ClosedException(e);
    }
    return new FailedException("Cannot write the output: " + message, e);
  }
}
