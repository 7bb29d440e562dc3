package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.OutcomeUnknownException;
import io.datashard.error.StorageException;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every way in which the one PUT of a commit can end, and what the caller is told (I3, I4): that
 * nothing was changed only if no request that was sent can still take effect.
 */
@Timeout(120)
class CommitOutcomesTest {
  private static final String KEY = "metadata/v1.metadata.json";
  private static final String FULL = "t/" + KEY;

  private final FakeS3 fake = FakeS3.start();
  private final AtomicInteger puts = new AtomicInteger();
  private Storage storage;

  @BeforeEach
  void open() {
    storage = Stores.proven(store(Stores.configOf(fake).triesMax(3))).at("s3://lake/t");
    fake.clearLog();
  }

  @AfterEach
  void stop() {
    fake.close();
  }

  private static S3Store store(S3Config.Builder config) {
    return S3Store.of(config.build());
  }

  /** The first PUT of the version ends like this, then like that, and so on; the last for ever. */
  private void puts(Fault... faults) {
    fake.plan(
        request ->
            request.operation().equals("PutObject") && request.key().equals(FULL)
                ? faults[Math.min(puts.getAndIncrement(), faults.length - 1)]
                : new Fault.None());
  }

  private PutOutcome create() {
    return storage.createExclusive(KEY, bytes("mine"));
  }

  private static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private boolean isThere() {
    return fake.keys("lake").contains(FULL);
  }

  @Test
  void itIsOneRequestWithTheConditionAndNothingElse() {
    assertThat(create()).isEqualTo(PutOutcome.CREATED);
    assertThat(create()).isEqualTo(PutOutcome.EXISTED);

    assertThat(fake.log()).hasSize(2);
    assertThat(fake.log().get(0).headers())
        .containsEntry("if-none-match", "*")
        .containsEntry("content-length", "4")
        .doesNotContainKeys(
            "expect", "x-amz-trailer", "x-amz-sdk-checksum-algorithm", "content-encoding");
  }

  @ParameterizedTest
  @CsvSource({
    "409, ConditionalRequestConflict",
    "409, OperationAborted",
    "429, TooManyRequests",
    "400, RequestTimeout"
  })
  void whatCertainlyDidNotHappenIsSentAgainAndThenRefused(int status, String code) {
    puts(new Fault.Refuse(status, code), new Fault.None());
    assertThat(create()).isEqualTo(PutOutcome.CREATED);

    puts.set(0);
    puts(new Fault.Refuse(status, code));
    assertThatThrownBy(() -> storage.createExclusive(KEY, bytes("again")))
        .isExactlyInstanceOf(StorageException.class)
        .hasMessageContaining("s3://lake/" + FULL)
        .hasMessageContaining(code)
        .hasMessageContaining("after 3 tries");
  }

  @ParameterizedTest
  @CsvSource({
    "403, AccessDenied",
    "403, SignatureDoesNotMatch",
    "400, InvalidRequest",
    "404, NoSuchBucket",
    "405, MethodNotAllowed",
    "501, NotImplemented",
    "301, PermanentRedirect"
  })
  void aRefusalIsToldAtOnce(int status, String code) {
    puts(new Fault.Refuse(status, code));
    assertThatThrownBy(this::create)
        .isExactlyInstanceOf(StorageException.class)
        .hasMessageContaining("s3://lake/" + FULL)
        .hasMessageContaining(status + " " + code);
    assertThat(puts).hasValue(1);
    assertThat(isThere()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "500, InternalError",
    "502, ''",
    "503, SlowDown",
    "503, ServiceUnavailable",
    "504, ''",
    "408, ''"
  })
  void anErrorOfTheServerMayHaveHappenedOrNot(int status, String code) {
    puts(new Fault.Refuse(status, code), new Fault.None());
    assertThat(create()).as("not carried out, then carried out").isEqualTo(PutOutcome.CREATED);

    storage.delete(KEY);
    puts.set(0);
    puts(new Fault.DoAndSay(status, code), new Fault.None());
    assertThat(create()).as("carried out: its echo").isEqualTo(PutOutcome.EXISTED);
    assertThat(storage.read(KEY, 10)).hasValue("mine".getBytes(StandardCharsets.UTF_8));

    storage.delete(KEY);
    puts.set(0);
    puts(new Fault.Refuse(status, code));
    assertThatThrownBy(this::create)
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("s3://lake/" + FULL)
        .hasMessageContaining(String.valueOf(status));
    assertThat(puts).as("one budget").hasValue(3);
  }

  @Test
  void aLostAnswerIsSettledByTheNextTry() {
    puts(new Fault.LoseAnswer(), new Fault.None());
    assertThat(create()).isEqualTo(PutOutcome.EXISTED);

    storage.delete(KEY);
    puts.set(0);
    puts(new Fault.LoseRequest(), new Fault.None());
    assertThat(create()).isEqualTo(PutOutcome.CREATED);
  }

  @Test
  void noAnswerAtAllIsUnknown() {
    puts(new Fault.LoseAnswer(), new Fault.LoseRequest());
    assertThatThrownBy(this::create).isInstanceOf(OutcomeUnknownException.class);
    assertThat(isThere()).isTrue();
  }

  @Test
  void aRefusalAfterATryWithoutAnswerIsUnknown() {
    for (Fault doubt :
        List.of(
            new Fault.LoseAnswer(),
            new Fault.LoseRequest(),
            new Fault.Late(200),
            new Fault.Refuse(503, "SlowDown"))) {
      puts.set(0);
      puts(doubt, new Fault.Refuse(403, "AccessDenied"));
      assertThatThrownBy(this::create)
          .as(doubt.toString())
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("AccessDenied");
    }
  }

  @Test
  void aConflictAfterATryWithoutAnswerIsUnknown() {
    puts(new Fault.LoseRequest(), new Fault.Refuse(409, "ConditionalRequestConflict"));
    assertThatThrownBy(this::create).isInstanceOf(OutcomeUnknownException.class);
  }

  /** The JDK's client sends a request again by itself if it holds the body in memory. */
  @Test
  void nothingBelowSendsItAgain() {
    Storage once = Stores.proven(store(Stores.configOf(fake).triesMax(1))).at("s3://lake/t");
    for (Fault lost : List.of(new Fault.LoseAnswer(), new Fault.LoseRequest())) {
      for (int length : new int[] {0, 4, 100_000}) {
        once.read("data/warm", 10); // so that there is a connection that is kept
        fake.clearLog();
        puts.set(0);
        puts(lost);
        assertThatThrownBy(() -> once.createExclusive(KEY, ByteBuffer.allocate(length)))
            .isInstanceOf(OutcomeUnknownException.class);
        assertThat(fake.count("PutObject")).as(lost + " of " + length).isEqualTo(1);
        once.delete(KEY);
      }
    }
  }

  /** Why {@link #nothingBelowSendsItAgain} is worth a test. */
  @Test
  void theJdkWouldSendABodyInMemoryTwice() throws IOException {
    puts(new Fault.LoseAnswer());
    fake.clearLog();
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(fake.endpoint() + "/lake/" + FULL).toURL().openConnection();
    connection.setRequestMethod("PUT");
    connection.setDoOutput(true);
    connection.getOutputStream().write(new byte[4]);
    assertThatThrownBy(connection::getResponseCode).isInstanceOf(IOException.class);
    assertThat(fake.count("PutObject")).isEqualTo(2);
  }

  @Test
  void aSilentStoreIsNotWaitedForForEver() {
    Storage hasty =
        Stores.proven(
                store(
                    Stores.configOf(fake)
                        .triesMax(2)
                        .silenceTimeout(Duration.ofMillis(300))
                        .requestTimeout(Duration.ofSeconds(5))))
            .at("s3://lake/t");
    puts(new Fault.Silence(3_000));
    long start = System.nanoTime();
    assertThatThrownBy(() -> hasty.createExclusive(KEY, bytes("mine")))
        .as("the first try is carried out, the second answered late with 412")
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  /** Each byte comes in time, the whole does not. */
  @Test
  void aRequestEndsInItsTime() {
    Storage hasty =
        Stores.proven(
                store(
                    Stores.configOf(fake)
                        .triesMax(1)
                        .silenceTimeout(Duration.ofSeconds(20))
                        .requestTimeout(Duration.ofMillis(500))))
            .at("s3://lake/t");
    puts(new Fault.Silence(4_000));
    long start = System.nanoTime();
    assertThatThrownBy(() -> hasty.createExclusive(KEY, bytes("mine")))
        .isInstanceOf(OutcomeUnknownException.class)
        .hasMessageContaining("no answer in the time");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void nothingWasSentWithoutAConnection() throws IOException {
    int port;
    try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = nobody.getLocalPort();
    }
    AtomicInteger tries = new AtomicInteger();
    Calls calls = new Calls(Stores.configOf(fake).triesMax(3).build(), S3Env.system());
    Client client =
        new Client(
            Stores.configOf(fake).endpoint(URI.create("http://127.0.0.1:" + port)).build(),
            S3Env.system());
    Requests requests = new Requests(client, "lake");
    assertThatThrownBy(
            () ->
                calls.send(
                    0,
                    atMost -> {
                      tries.incrementAndGet();
                      requests.put(
                          "k", Requests.bodyOf(bytes("x")), Requests.Condition.NEW, "", atMost);
                      return true;
                    }))
        .isInstanceOfSatisfying(
            S3Failure.class,
            failure -> {
              assertThat(failure.meaning()).isEqualTo(S3Failure.Meaning.AGAIN);
              assertThat(failure.inDoubt()).isFalse();
            });
    assertThat(tries).hasValue(3);
  }

  @Test
  void aHostThatDoesNotExistIsNotTriedAgain() {
    Client client =
        new Client(
            Stores.configOf(fake).endpoint(URI.create("http://no-such-host.invalid")).build(),
            S3Env.system());
    assertThatThrownBy(() -> new Requests(client, "lake").head("k", Duration.ofSeconds(20)))
        .isInstanceOfSatisfying(
            S3Failure.class,
            failure -> assertThat(failure.meaning()).isEqualTo(S3Failure.Meaning.REFUSED))
        .hasMessageContaining("no-such-host.invalid");
  }

  @Test
  void anInterruptEndsThePausesAndNotTheRequest() {
    puts(new Fault.Refuse(503, "SlowDown"));
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(this::create)
          .isInstanceOf(OutcomeUnknownException.class)
          .hasMessageContaining("interrupted");
    } finally {
      assertThat(Thread.interrupted()).as("the mark is kept").isTrue();
    }
    assertThat(puts).hasValue(1);
  }

  @Test
  void theOperationEndsInItsTime() {
    Storage hasty =
        Stores.proven(
                store(Stores.configOf(fake).triesMax(1000).operationTimeout(Duration.ofSeconds(1))))
            .at("s3://lake/t");
    puts(new Fault.Refuse(500, "InternalError"));
    long start = System.nanoTime();
    assertThatThrownBy(() -> hasty.createExclusive(KEY, bytes("mine")))
        .isInstanceOf(OutcomeUnknownException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .isBetween(Duration.ofMillis(300), Duration.ofSeconds(3));
    assertThat(puts.get()).as("with pauses that grow").isBetween(3, 9);
  }
}
