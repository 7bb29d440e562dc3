package io.datashard.cli.rows;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * The lines of a stream as bytes, each as soon as it is there. A line ends with LF or CR LF; the
 * last one may end with the stream.
 */
final class Lines {
  /** Far more than a row needs, far less than the heap. */
  static final int LINE_BYTES_MAX = 16 << 20;

  private static final byte[] BOM = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

  private final InputStream in;
  private final String source;
  private byte[] buffer = new byte[1 << 16];
  private int start;
  private int scanned;
  private int end;
  private boolean ended;
  private long number;
  private int length;
  private int lineStart;

  Lines(InputStream in, String source) {
    this.in = in;
    this.source = source;
  }

  /**
   * Moves to the next line; false at the end.
   *
   * @throws BadRowException the line is longer than {@link #LINE_BYTES_MAX}
   */
  boolean next() throws IOException {
    while (true) {
      while (scanned < end) {
        if (buffer[scanned++] == '\n') {
          take(scanned - 1);
          start = scanned;
          return true;
        }
      }
      refuseTooLong(scanned);
      if (ended) {
        if (start == end) {
          return false;
        }
        take(end);
        start = end;
        return true;
      }
      fill();
    }
  }

  private void refuseTooLong(int lineEnd) {
    if (lineEnd - start > LINE_BYTES_MAX) {
      throw BadRowException.row(
          source,
          number + 1,
          "the line is longer than " + LINE_BYTES_MAX + " bytes; one row is one line.",
          null);
    }
  }

  private void take(int lineEnd) {
    refuseTooLong(lineEnd);
    number++;
    lineStart = start;
    int from = start;
    if (number == 1
        && lineEnd - from >= BOM.length
        && Arrays.equals(buffer, from, from + BOM.length, BOM, 0, BOM.length)) {
      lineStart += BOM.length;
    }
    int to = lineEnd > lineStart && buffer[lineEnd - 1] == '\r' ? lineEnd - 1 : lineEnd;
    length = to - lineStart;
  }

  private void fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, end - start);
      scanned -= start;
      end -= start;
      start = 0;
    }
    if (end == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read = in.read(buffer, end, buffer.length - end);
    if (read < 0) {
      ended = true;
    } else {
      end += read;
    }
  }

  /** The number of the line, from 1. */
  long number() {
    return number;
  }

  /** What the line lies in, until the next call of {@link #next}. */
  byte[] bytes() {
    return buffer;
  }

  /** Where it starts there. */
  int start() {
    return lineStart;
  }

  /** How many bytes it has, without its end. */
  int length() {
    return length;
  }

  /** Whether there is nothing but blanks in it. */
  boolean isBlank() {
    for (int i = lineStart; i < lineStart + length; i++) {
      if (buffer[i] != ' ' && buffer[i] != '\t') {
        return false;
      }
    }
    return true;
  }
}
