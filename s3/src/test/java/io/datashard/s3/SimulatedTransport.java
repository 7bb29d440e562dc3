package io.datashard.s3;

import io.datashard.testkit.s3.FakeCall;
import io.datashard.testkit.simulation.SimulatedBucket;
import io.datashard.testkit.simulation.SimulatedProcess;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpFullResponse;
import software.amazon.awssdk.http.SdkHttpRequest;

/**
 * Carries the SDK's requests to a simulated bucket, and fails as the SDK's own client over the
 * JDK's connections does: with the JDK's exceptions, and with bodies that end too early in silence.
 */
final class SimulatedTransport implements SdkHttpClient {
  private final SimulatedBucket bucket;
  private final SimulatedProcess process;
  private final Duration silence;
  private final @Nullable S3Protection removed;

  /** What this process put without being told that it is there. */
  private final Map<String, byte[]> unsettled = new HashMap<>();

  /**
   * The way of a process.
   *
   * @param silence how long the other side may say nothing
   * @param removed a protection that does not work on this way; null if all do
   */
  SimulatedTransport(
      SimulatedBucket bucket,
      SimulatedProcess process,
      Duration silence,
      @Nullable S3Protection removed) {
    this.removed = removed;
    this.bucket = bucket;
    this.process = process;
    this.silence = silence;
  }

  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest request) {
    SimulatedBucket.Exchange exchange = bucket.connect(process, silence.toNanos());
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        FakeCall call = callOf(request);
        return responseOf(
            removed == null ? exchange.send(call) : removed.send(exchange, call, unsettled));
      }

      @Override
      public void abort() {
        exchange.giveUp();
      }
    };
  }

  @Override
  public void close() {}

  private static FakeCall callOf(HttpExecuteRequest request) throws IOException {
    byte[] body = {};
    if (request.contentStreamProvider().isPresent()) {
      body = request.contentStreamProvider().get().newStream().readAllBytes();
    }
    byte[] sent = body;
    SdkHttpRequest http = request.httpRequest();
    String path = http.encodedPath().substring(1);
    int slash = path.indexOf('/');
    Map<String, String> headers = new TreeMap<>();
    http.forEachHeader((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), values.get(0)));
    Map<String, String> query = new TreeMap<>();
    http.forEachRawQueryParameter(
        (name, values) -> query.put(name, values.isEmpty() ? "" : values.get(0)));
    return new FakeCall(
        http.method().name(),
        slash < 0 ? path : path.substring(0, slash),
        slash < 0 ? "" : URLDecoder.decode(path.substring(slash + 1), StandardCharsets.UTF_8),
        query,
        headers,
        () -> sent);
  }

  private static HttpExecuteResponse responseOf(SimulatedBucket.Answer answer) {
    SdkHttpFullResponse.Builder response =
        SdkHttpFullResponse.builder().statusCode(answer.status());
    answer.headers().forEach(response::putHeader);
    return HttpExecuteResponse.builder()
        .response(response.build())
        .responseBody(AbortableInputStream.create(new ByteArrayInputStream(answer.body())))
        .build();
  }
}
