package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.FakeS3.Fault;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * No key in an exception, a text, a name or an object, whatever fails (I9): a key pair with a
 * session is looked for in all of them.
 */
@Timeout(120)
class SecretsTest {
  private static final String TOKEN = "SessionTokenThatNobodyMaySee000001";

  private final FakeS3 fake = FakeS3.start();
  private final List<String> seen = new ArrayList<>();

  @AfterEach
  void stop() {
    fake.close();
  }

  private S3Config.Builder config() {
    return Stores.configOf(fake)
        .keys(FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY, TOKEN)
        .triesMax(2)
        .operationTimeout(Duration.ofSeconds(3));
  }

  private void see(Throwable thrown) {
    assertThat(thrown).isNotNull();
    StringWriter all = new StringWriter();
    thrown.printStackTrace(new PrintWriter(all));
    seen.add(all.toString());
  }

  private void assertNoKey() {
    assertThat(seen)
        .isNotEmpty()
        .allSatisfy(
            text ->
                assertThat(text)
                    .doesNotContain(FakeS3.SECRET_KEY)
                    .doesNotContain(TOKEN)
                    .doesNotContain(FakeS3.ACCESS_KEY)
                    .doesNotContain("X-Amz-Signature=")
                    .doesNotContainPattern("Signature=[0-9a-f]{64}"));
  }

  private void everyCallOf(Storage storage) {
    ByteBuffer content = ByteBuffer.wrap(new byte[] {1});
    List<ThrowingCallable> calls =
        List.of(
            () -> storage.createExclusive("metadata/v1", content),
            () -> storage.replace("metadata/hint", content),
            () -> storage.read("a", 10),
            () -> storage.open("a", 5_000_000),
            () -> storage.list("metadata", "v"),
            () -> storage.exists("a"),
            () -> storage.delete("a"),
            () -> storage.makeDurable("a"),
            () -> DataShard.on(S3Store.of(config().build())).loadTable("s3://lake/t"));
    for (ThrowingCallable call : calls) {
      Throwable thrown = catchThrowable(call);
      if (thrown != null) { // some calls get what they need in spite of the fault
        see(thrown);
      }
    }
  }

  /** Some servers tell the client what it sent. */
  @Test
  void noErrorShowsOne() {
    Storage storage = S3Store.of(config().build()).at("s3://lake/t");
    String echo = "your key is " + FakeS3.ACCESS_KEY + " with " + FakeS3.SECRET_KEY + TOKEN;
    for (Fault fault :
        List.of(
            new Fault.Refuse(403, "SignatureDoesNotMatch: " + echo),
            new Fault.Refuse(400, "InvalidRequest: " + echo),
            new Fault.Refuse(503, "SlowDown: " + echo),
            new Fault.Refuse(200, "Whatever: " + echo),
            new Fault.LoseAnswer(),
            new Fault.CutBody(0))) {
      fake.plan(request -> fault);
      everyCallOf(storage);
    }
    assertThat(seen).hasSizeGreaterThan(30);
    assertNoKey();
  }

  @Test
  void noErrorWithoutAConnectionShowsOne() {
    for (String endpoint :
        List.of("http://127.0.0.1:9", "http://no-such-host.invalid", "https://127.0.0.1:9")) {
      S3Config config = config().endpoint(URI.create(endpoint)).build();
      Storage storage = S3Store.of(config).at("s3://lake/t");
      see(catchThrowable(() -> storage.read("a", 10)));
      see(catchThrowable(() -> storage.createExclusive("a", ByteBuffer.allocate(1))));
    }
    assertNoKey();
  }

  @Test
  void noTextShowsOne() {
    S3Config config = config().build();
    S3Store store = S3Store.of(config);
    Storage storage = store.at("t");
    seen.addAll(
        List.of(
            config.toString(),
            config.toBuilder().toString(),
            store.toString(),
            storage.toString(),
            storage.machineKey(),
            String.valueOf(config.keys().orElseThrow())));
    assertNoKey();
  }

  @Test
  void noObjectHoldsOne() {
    try (Table table =
        DataShard.on(S3Store.of(config().build())).createTable("t", S3Tables.SCHEMA)) {
      table.append(S3Tables.rows(0, 10));
      seen.add(table.toString());
      seen.add(table.properties().toString());
    }
    Storage storage = S3Store.of(config().build()).at("t");
    for (Storage.Listed each : storage.listAll("")) {
      seen.add(each.key());
      seen.add(new String(storage.readWhole(each.key(), -1), StandardCharsets.ISO_8859_1));
    }
    assertThat(seen).hasSizeGreaterThan(8);
    assertNoKey();
  }
}
