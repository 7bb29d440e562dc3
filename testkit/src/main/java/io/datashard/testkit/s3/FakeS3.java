package io.datashard.testkit.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/**
 * An S3 in memory behind a real HTTP server on the loopback, for tests: it counts and records
 * requests, and lets some of them go wrong as a {@link Plan} says.
 *
 * <p>It is strict: what the plainest S3 need not know is refused with 501, such as bodies in signed
 * chunks, checksum trailers, and headers that nobody sends today. The key id of each request is
 * compared, its signature is not; that of the body is.
 *
 * <p>Buckets exist from the first request on, but for {@link #NO_BUCKET}.
 */
public final class FakeS3 implements S3Server {
  /** The key id that it takes. */
  public static final String ACCESS_KEY = "FAKEACCESSKEY0000001";

  /** The secret of that key; only looked for in texts where it must not be. */
  public static final String SECRET_KEY = "fake/secret+key+never+to+be+shown+0000001";

  /** A bucket that never exists. */
  public static final String NO_BUCKET = "no-such-bucket";

  private static final int BACKLOG = 1000;

  static {
    // Otherwise the JDK's server answers 40 ms late whenever it sends in two pieces.
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  /** How a request ends. */
  public sealed interface Fault {
    /** Well. */
    record None() implements Fault {}

    /** This status, without effect. */
    record Refuse(int status, String code) implements Fault {}

    /** It takes effect, and this status is answered all the same. */
    record DoAndSay(int status, String code) implements Fault {}

    /** It takes effect and the connection breaks before an answer. */
    record LoseAnswer() implements Fault {}

    /** The connection breaks before any effect. */
    record LoseRequest() implements Fault {}

    /** The connection breaks, and the effect comes so much later. */
    record Late(int millis) implements Fault {}

    /** The answer's body ends after so many bytes. */
    record CutBody(int bytes) implements Fault {}

    /** The answer's body has another byte in it. */
    record ChangeByte(int at) implements Fault {}

    /** The answer comes so much later. */
    record Delay(int millis) implements Fault {}

    /** The effect takes place, and nothing is said for so long. */
    record Silence(int millis) implements Fault {}
  }

  /** Decides how each request ends. */
  public interface Plan {
    /** Called once for each request, by many threads. */
    Fault faultOf(Request request);
  }

  /**
   * One request.
   *
   * @param number from 1 on, in the order of arrival
   * @param operation such as {@code PutObject}
   * @param key in the bucket, or the prefix of a listing
   * @param headers in lower case
   * @param status what was answered, 0 if nothing was
   * @param startNanos when it arrived, by {@link System#nanoTime}
   * @param endNanos when it was answered
   */
  public record Request(
      int number,
      String operation,
      String bucket,
      String key,
      Map<String, String> headers,
      int status,
      long startNanos,
      long endNanos) {
    /** For messages. */
    @Override
    public String toString() {
      return number + " " + operation + " " + bucket + "/" + key + " -> " + status;
    }
  }

  private static final long TOGETHER_NANOS_MAX = TimeUnit.SECONDS.toNanos(20);

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool(FakeS3::daemon);
  private final FakeBuckets buckets = new FakeBuckets();
  private final List<Request> log = new ArrayList<>();
  private final AtomicInteger handshakes;
  private final Together together = new Together();
  private final AtomicInteger underWay = new AtomicInteger();
  private volatile Plan plan = request -> new Fault.None();
  private volatile boolean virtualHosts;
  private volatile Predicate<String> takesKeyId = ACCESS_KEY::equals;
  private int arrivals;

  private FakeS3(HttpServer server, AtomicInteger handshakes) {
    this.server = server;
    this.handshakes = handshakes;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static Thread daemon(Runnable work) {
    Thread thread = new Thread(work, "fake-s3");
    thread.setDaemon(true);
    return thread;
  }

  /** An empty one, on a port of its own. */
  public static FakeS3 start() {
    try {
      return new FakeS3(HttpServer.create(anyPort(), BACKLOG), new AtomicInteger());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * An empty one behind TLS.
   *
   * @param context with the server's certificate
   */
  public static FakeS3 start(SSLContext context) {
    try {
      HttpsServer server = HttpsServer.create(anyPort(), BACKLOG);
      AtomicInteger handshakes = new AtomicInteger();
      server.setHttpsConfigurator(
          new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
              handshakes.incrementAndGet();
              super.configure(parameters);
            }
          });
      return new FakeS3(server, handshakes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InetSocketAddress anyPort() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  @Override
  public URI endpoint() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  @Override
  public String accessKey() {
    return ACCESS_KEY;
  }

  @Override
  public String secretKey() {
    return SECRET_KEY;
  }

  /** The bucket is the first part of the host's name from now on. */
  public FakeS3 withVirtualHosts() {
    virtualHosts = true;
    return this;
  }

  /** Requests end as the plan says from now on. */
  public FakeS3 plan(Plan value) {
    plan = Objects.requireNonNull(value);
    return this;
  }

  /** All requests end well from now on. */
  public FakeS3 noFaults() {
    return plan(request -> new Fault.None());
  }

  /** A listing has so many keys a page. */
  public FakeS3 pageKeys(int count) {
    buckets.pageKeys = count;
    return this;
  }

  /** Which key ids are taken. */
  public FakeS3 takesKeyId(Predicate<String> value) {
    takesKeyId = value;
    return this;
  }

  /** What it does with the condition of a write. */
  public FakeS3 conditions(FakeBuckets.Conditions value) {
    buckets.conditions = value;
    return this;
  }

  /** Objects are dated by this clock, milliseconds since 1970; answers are not. */
  public FakeS3 clock(LongSupplier millis) {
    buckets.clockMillis = millis;
    return this;
  }

  /** The requests answered so far, in the order of arrival. */
  public List<Request> log() {
    synchronized (log) {
      List<Request> sorted = new ArrayList<>(log);
      sorted.sort(java.util.Comparator.comparingInt(Request::number));
      return sorted;
    }
  }

  /** How many requests came and are not answered yet. */
  public int underWay() {
    return underWay.get();
  }

  /** Forgets the requests so far. */
  public void clearLog() {
    synchronized (log) {
      log.clear();
    }
  }

  /** How many connections began to agree upon TLS. */
  public int handshakes() {
    return handshakes.get();
  }

  /** How many requests of an operation came. */
  public long count(String operation) {
    return log().stream().filter(each -> each.operation().equals(operation)).count();
  }

  /** The keys that a bucket holds. */
  public List<String> keys(String bucket) {
    return buckets.keys(bucket);
  }

  /** What an object holds, as text; "" if there is none. */
  public String content(String bucket, String key) {
    return buckets.content(bucket, key);
  }

  /** Uploads in parts that were neither ended nor dropped. */
  public int openUploads() {
    return buckets.openUploads();
  }

  /** Overwrites an object behind everybody's back. */
  public void overwrite(String bucket, String key, byte[] content) {
    buckets.put(bucket, key, content, Map.of(), "");
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }

  // Answering

  private record Received(FakeCall call, HttpExchange exchange, int number, long startNanos) {
    Request request(int status, long endNanos) {
      return new Request(
          number,
          call.operation(),
          call.bucket,
          call.key(),
          call.headers,
          status,
          startNanos,
          endNanos);
    }
  }

  private void handle(HttpExchange exchange) throws IOException {
    long start = System.nanoTime();
    int number;
    synchronized (log) {
      number = ++arrivals;
    }
    underWay.incrementAndGet();
    FakeCall call = callOf(exchange);
    Received received = new Received(call, exchange, number, start);
    Fault fault = plan.faultOf(received.request(0, start));
    awaitOthers();
    boolean answered = false;
    try {
      answered = end(received, fault);
    } finally {
      if (!answered) {
        record(received.request(0, System.nanoTime()));
      }
      exchange.close();
      underWay.decrementAndGet();
    }
  }

  /** Holds a request until all that are expected with it have come. */
  private void awaitOthers() {
    synchronized (together) {
      int mine = together.arrive();
      long end = System.nanoTime() + TOGETHER_NANOS_MAX;
      together.notifyAll();
      while (!together.isComplete(mine) && System.nanoTime() - end < 0) {
        try {
          together.wait(100);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
      }
      together.isMissed |= !together.isComplete(mine);
    }
  }

  /** Which of the next requests come while none of them is answered; guarded by itself. */
  private static final class Together {
    private int[] ends = {};
    private int arrived;
    private boolean isMissed;

    void expect(int... counts) {
      ends = counts.clone();
      for (int i = 1; i < ends.length; i++) {
        ends[i] += ends[i - 1];
      }
      arrived = 0;
      isMissed = false;
    }

    /** The number of a request, from 1 on. */
    int arrive() {
      return ++arrived;
    }

    boolean isComplete(int number) {
      for (int end : ends) {
        if (number <= end) {
          return arrived >= end;
        }
      }
      return true;
    }
  }

  /**
   * Says how the next requests come: so many at once, then after their answers so many, and so on.
   * None of those that are expected at once is answered before all of them have come; see {@link
   * #cameAsExpected}. Requests after the last are answered as they come.
   */
  public FakeS3 expectTogether(int... counts) {
    synchronized (together) {
      together.expect(counts);
      return this;
    }
  }

  /** Whether no request had to wait in vain for others, and all that were expected came. */
  public boolean cameAsExpected() {
    synchronized (together) {
      int[] ends = together.ends;
      return !together.isMissed && (ends.length == 0 || together.arrived >= ends[ends.length - 1]);
    }
  }

  private void record(Request request) {
    synchronized (log) {
      log.add(request);
    }
  }

  /** Whether anything was answered. */
  private boolean end(Received received, Fault fault) throws IOException {
    FakeCall call = received.call();
    if (fault instanceof Fault.LoseRequest) {
      call.body();
      return false;
    }
    if (fault instanceof Fault.Refuse refuse) {
      call.body();
      return send(received, FakeAnswer.error(refuse.status(), refuse.code(), call.method));
    }
    if (fault instanceof Fault.Late late) {
      call.body();
      CompletableFuture.delayedExecutor(late.millis(), TimeUnit.MILLISECONDS, threads)
          .execute(() -> perform(call));
      return false;
    }
    FakeAnswer answer = perform(call);
    if (fault instanceof Fault.LoseAnswer) {
      return false;
    }
    if (fault instanceof Fault.Silence silence) {
      sleep(silence.millis());
      return false;
    }
    if (fault instanceof Fault.DoAndSay say) {
      return send(received, FakeAnswer.error(say.status(), say.code(), call.method));
    }
    if (fault instanceof Fault.Delay delay) {
      sleep(delay.millis());
    }
    if (fault instanceof Fault.ChangeByte change && answer.body().length > change.at()) {
      byte[] changed = answer.body().clone();
      changed[change.at()] ^= 0x40;
      answer = answer.withBody(changed);
    }
    if (fault instanceof Fault.CutBody cut && answer.body().length > cut.bytes()) {
      return send(received, answer, cut.bytes());
    }
    return send(received, answer);
  }

  private boolean send(Received received, FakeAnswer answer) throws IOException {
    return send(received, answer, answer.body().length);
  }

  private boolean send(Received received, FakeAnswer answer, int bytes) throws IOException {
    HttpExchange exchange = received.exchange();
    answer.headers().forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    // Before the answer, so that whoever has it finds the request recorded.
    record(received.request(answer.status(), System.nanoTime()));
    boolean head = exchange.getRequestMethod().equals("HEAD");
    int length = answer.body().length;
    if (head && !answer.headers().containsKey("Content-Length")) {
      exchange.getResponseHeaders().set("Content-Length", Integer.toString(length));
    }
    exchange.sendResponseHeaders(answer.status(), head || length == 0 ? -1 : length);
    if (!head && length > 0) {
      try {
        OutputStream out = exchange.getResponseBody();
        out.write(answer.body(), 0, bytes);
        out.flush();
        if (bytes == length) {
          out.close();
        } // Otherwise the connection is closed with the exchange.
      } catch (IOException e) {
        // The client went away.
      }
    }
    return true;
  }

  private static void sleep(int millis) {
    if (millis > 0) {
      try {
        Thread.sleep(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private FakeAnswer perform(FakeCall call) {
    try {
      if (!takesKeyId.test(call.keyId())) {
        call.body();
        return FakeAnswer.error(403, "InvalidAccessKeyId", call.method);
      }
      if (call.bucket.equals(NO_BUCKET)) {
        call.body();
        return FakeAnswer.error(404, "NoSuchBucket", call.method);
      }
      return buckets.answer(call);
    } catch (FakeAnswer.Refused e) {
      return FakeAnswer.error(e.status(), e.code(), call.method);
    }
  }

  private FakeCall callOf(HttpExchange exchange) {
    URI uri = exchange.getRequestURI();
    Map<String, String> headers = new TreeMap<>();
    exchange
        .getRequestHeaders()
        .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    String path = uri.getRawPath();
    String bucket;
    if (virtualHosts) {
      String host = headers.getOrDefault("host", "");
      bucket = host.contains(".") ? host.substring(0, host.indexOf('.')) : "";
      path = path.substring(1);
    } else {
      int slash = path.indexOf('/', 1);
      bucket = path.substring(1, slash < 0 ? path.length() : slash);
      path = slash < 0 ? "" : path.substring(slash + 1);
    }
    return new FakeCall(
        exchange.getRequestMethod(),
        bucket,
        decoded(path),
        queryOf(uri.getRawQuery()),
        headers,
        () -> bodyOf(exchange));
  }

  private static byte[] bodyOf(HttpExchange exchange) {
    try {
      return exchange.getRequestBody().readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> queryOf(@org.jspecify.annotations.Nullable String raw) {
    Map<String, String> query = new TreeMap<>();
    if (raw != null) {
      for (String part : raw.split("&")) {
        int equals = part.indexOf('=');
        query.put(
            decoded(equals < 0 ? part : part.substring(0, equals)),
            equals < 0 ? "" : decoded(part.substring(equals + 1)));
      }
    }
    return query;
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }
}
