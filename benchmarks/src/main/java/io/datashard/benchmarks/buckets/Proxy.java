package io.datashard.benchmarks.buckets;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Stands before a server on this machine as if that were far away. Half of the delay passes before
 * a request reaches the server, half before its answer comes back. Each line to it has a line of
 * its own to the server, and a thread.
 */
final class Proxy implements AutoCloseable {
  private static final int BACKLOG = 1_000;

  /** So many requests are remembered one by one. */
  private static final int LOG_MAX = 1_000;

  private static final byte[] GRANTED =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  private final InetSocketAddress server;
  private final ServerSocket door;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile long halfDelayNanos;
  private volatile Supplier<Fault> faults = () -> Fault.NONE;

  private final Map<String, Integer> methods = new TreeMap<>();
  private final Map<Fault, Integer> ended = new EnumMap<>(Fault.class);
  private final List<Request> log = new ArrayList<>();

  /**
   * One request.
   *
   * @param target path and query
   * @param status what was answered, 0 if nothing was
   * @param startNanos when it came, by {@link System#nanoTime}
   * @param endNanos when the answer went
   */
  record Request(String method, String target, int status, long startNanos, long endNanos) {}

  private Proxy(InetSocketAddress server, ServerSocket door) {
    this.server = server;
    this.door = door;
  }

  /** One before this server, on a port of its own, without delay. */
  static Proxy before(URI server) {
    try {
      Proxy proxy =
          new Proxy(
              new InetSocketAddress(server.getHost(), server.getPort()),
              new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress()));
      start("proxy", proxy::accept);
      return proxy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + door.getLocalPort());
  }

  /** Each request takes so much longer from now on. */
  void delay(long millis) {
    halfDelayNanos = TimeUnit.MILLISECONDS.toNanos(millis) / 2;
  }

  /** Asked once for each request from now on, by many threads. */
  void faults(Supplier<Fault> value) {
    faults = value;
  }

  // What was seen

  /** Forgets the requests so far. */
  synchronized void clear() {
    methods.clear();
    ended.clear();
    log.clear();
  }

  /** How many requests came, by method; a listing is {@code LIST}. */
  synchronized Map<String, Integer> methods() {
    return new TreeMap<>(methods);
  }

  /** How many ended how. */
  synchronized Map<Fault, Integer> ended() {
    return new EnumMap<>(ended);
  }

  /** The first requests, in the order of their ends. */
  synchronized List<Request> log() {
    return List.copyOf(log);
  }

  private synchronized void record(Message request, Fault fault, int status, long startNanos) {
    boolean listing = request.target().contains("list-type=");
    String method = listing ? "LIST" : request.method();
    methods.merge(method, 1, Integer::sum);
    ended.merge(fault, 1, Integer::sum);
    if (log.size() < LOG_MAX) {
      log.add(new Request(method, request.target(), status, startNanos, System.nanoTime()));
    }
  }

  // Passing on

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        start("proxy-line", () -> serve(client));
      } catch (IOException e) {
        // It was closed, or a client left before it was heard.
      }
    }
  }

  private void serve(Socket client) {
    open.add(client);
    try (client;
        Socket behind = new Socket()) {
      open.add(behind);
      client.setTcpNoDelay(true);
      behind.setTcpNoDelay(true);
      behind.connect(server);
      InputStream fromClient = new BufferedInputStream(client.getInputStream());
      InputStream fromServer = new BufferedInputStream(behind.getInputStream());
      OutputStream toClient = client.getOutputStream();
      while (true) {
        Message request = Message.request(fromClient, () -> toClient.write(GRANTED));
        if (request == null) {
          return;
        }
        long start = System.nanoTime();
        Fault fault = faults.get();
        Message answer = pass(request, fault, fromServer, behind.getOutputStream());
        // Before the answer, so that whoever has it finds the request recorded.
        record(request, fault, answer == null ? 0 : answer.status(), start);
        if (answer == null) {
          if (fault != Fault.DONE_LOST) {
            client.setSoLinger(true, 0); // closing it is a reset now
          }
          return;
        }
        answer.send(toClient);
        if (answer.isLast() || request.isLast()) {
          return;
        }
      }
    } catch (IOException e) {
      // One of them left: the other one is left by that too.
    } finally {
      open.removeIf(Socket::isClosed);
    }
  }

  /** What the client is answered; null for nothing at all. */
  private @Nullable Message pass(Message request, Fault fault, InputStream in, OutputStream out)
      throws IOException {
    rest();
    Message answer = null;
    if (fault.hasEffect()) {
      request.send(out);
      answer = Message.answer(in, request.method());
    }
    rest();
    return switch (fault) {
      case NONE -> answer;
      case ERROR, DONE_ERROR -> error("500 Internal Server Error", "InternalError", request);
      case SLOW_DOWN -> error("503 Service Unavailable", "SlowDown", request);
      case RESET, DONE_RESET, DONE_LOST -> null;
    };
  }

  private void rest() {
    long end = System.nanoTime() + halfDelayNanos;
    for (long left = halfDelayNanos; left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
    }
  }

  private static Message error(String status, String code, Message request) {
    byte[] body =
        ("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>" + code + "</Code></Error>")
            .getBytes(StandardCharsets.UTF_8);
    boolean head = request.method().equals("HEAD");
    return new Message(
        "HTTP/1.1 " + status,
        List.of("Content-Type: application/xml", "Content-Length: " + body.length),
        head ? new byte[0] : body);
  }

  @Override
  public void close() {
    try {
      door.close();
      for (Socket each : open) {
        each.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
