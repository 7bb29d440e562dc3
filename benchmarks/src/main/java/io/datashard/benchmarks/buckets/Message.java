package io.datashard.benchmarks.buckets;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A request or an answer of HTTP/1.1 as it came over the line.
 *
 * @param first the first line
 * @param headers the lines after it
 * @param body as it is sent, in chunks or not
 */
record Message(String first, List<String> headers, byte[] body) {
  private static final int LINE_MAX = 16_384;

  /** Called between the headers and the body. */
  interface BeforeBody {
    void run() throws IOException;
  }

  /** The next request, or null at the end of the line; {@code Expect} is granted and taken out. */
  static @Nullable Message request(InputStream in, BeforeBody grant) throws IOException {
    String first = line(in);
    if (first == null) {
      return null;
    }
    List<String> headers = headers(in);
    if (headers.removeIf(each -> each.toLowerCase(Locale.ROOT).startsWith("expect:"))) {
      grant.run();
    }
    return new Message(first, headers, body(in, headers));
  }

  /** The answer to a request of this method. */
  static Message answer(InputStream in, String method) throws IOException {
    String first = line(in);
    if (first == null) {
      throw new EOFException("the server closed the line");
    }
    List<String> headers = headers(in);
    int status = status(first);
    boolean none = method.equals("HEAD") || status == 204 || status == 304;
    return new Message(first, headers, none ? new byte[0] : body(in, headers));
  }

  private static List<String> headers(InputStream in) throws IOException {
    List<String> headers = new ArrayList<>();
    for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
      headers.add(line);
    }
    return headers;
  }

  private static byte[] body(InputStream in, List<String> headers) throws IOException {
    if (header(headers, "transfer-encoding").equalsIgnoreCase("chunked")) {
      return chunks(in);
    }
    String told = header(headers, "content-length");
    int length = told.isEmpty() ? 0 : Integer.parseInt(told);
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException(body.length + " of " + length + " bytes came");
    }
    return body;
  }

  /** All chunks up to the last, as they are. */
  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream raw = new ByteArrayOutputStream();
    while (true) {
      String size = required(in, raw);
      int length = Integer.parseInt(size.split(";", 2)[0].strip(), 16);
      if (length == 0) {
        while (!required(in, raw).isEmpty()) {
          // trailers
        }
        return raw.toByteArray();
      }
      raw.write(in.readNBytes(length));
      required(in, raw);
    }
  }

  private static String required(InputStream in, OutputStream copy) throws IOException {
    String line = line(in);
    if (line == null) {
      throw new EOFException("a chunk was cut");
    }
    copy.write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    return line;
  }

  /** Without its end; null if there is none. */
  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        return null;
      }
      if (line.size() == LINE_MAX) {
        throw new IOException("a line is longer than " + LINE_MAX + " bytes");
      }
      if (c != '\r') {
        line.write(c);
      }
    }
    return line.toString(StandardCharsets.ISO_8859_1);
  }

  private static String header(List<String> headers, String name) {
    for (String each : headers) {
      int colon = each.indexOf(':');
      if (colon > 0 && each.substring(0, colon).equalsIgnoreCase(name)) {
        return each.substring(colon + 1).strip();
      }
    }
    return "";
  }

  private static int status(String first) {
    return Integer.parseInt(first.split(" ", 3)[1]);
  }

  int status() {
    return status(first);
  }

  String method() {
    return first.split(" ", 3)[0];
  }

  /** What is asked for, with its query. */
  String target() {
    return first.split(" ", 3)[1];
  }

  boolean isLast() {
    return header(headers, "connection").equalsIgnoreCase("close");
  }

  void send(OutputStream out) throws IOException {
    StringBuilder head = new StringBuilder(first).append("\r\n");
    headers.forEach(each -> head.append(each).append("\r\n"));
    head.append("\r\n");
    byte[] start = head.toString().getBytes(StandardCharsets.ISO_8859_1);
    byte[] whole = new byte[start.length + body.length];
    System.arraycopy(start, 0, whole, 0, start.length);
    System.arraycopy(body, 0, whole, start.length, body.length);
    out.write(whole); // at once, so that nothing waits for an acknowledgement
    out.flush();
  }
}
