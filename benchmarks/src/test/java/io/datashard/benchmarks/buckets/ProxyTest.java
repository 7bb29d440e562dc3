package io.datashard.benchmarks.buckets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.benchmarks.compare.Rows;
import io.datashard.s3.S3Config;
import io.datashard.s3.S3Store;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.testkit.s3.FakeS3;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The proxy of {@code benchmarks/buckets} before a fake server. */
@Timeout(60)
class ProxyTest {
  private final FakeS3 fake = FakeS3.start();
  private final Proxy proxy = Proxy.before(fake.endpoint());

  @AfterEach
  void stop() {
    proxy.close();
    fake.close();
  }

  /** What is answered to a PUT of some bytes. */
  private int put(String key) throws IOException {
    HttpURLConnection line =
        (HttpURLConnection) proxy.endpoint().resolve("/lake/" + key).toURL().openConnection();
    line.setRequestMethod("PUT");
    line.setDoOutput(true);
    line.setFixedLengthStreamingMode(3); // so that the JDK does not send it a second time
    line.setRequestProperty("Authorization", "Credential=" + FakeS3.ACCESS_KEY + "/");
    line.getOutputStream().write(new byte[] {1, 2, 3});
    return line.getResponseCode();
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void eachFaultHasItsEffectAndItsAnswer(Fault fault) throws IOException {
    put("before"); // on a line that is used again
    proxy.clear();
    proxy.faults(() -> fault);

    switch (fault) {
      case NONE -> assertThat(put("k")).isEqualTo(200);
      case ERROR, DONE_ERROR -> assertThat(put("k")).isEqualTo(500);
      case SLOW_DOWN -> assertThat(put("k")).isEqualTo(503);
      case RESET, DONE_RESET, DONE_LOST ->
          assertThatThrownBy(() -> put("k")).isInstanceOf(IOException.class);
    }

    boolean done = fault == Fault.NONE || fault.name().startsWith("DONE");
    assertThat(fake.keys("lake").contains("k")).isEqualTo(done);
    assertThat(proxy.ended()).isEqualTo(Map.of(fault, 1));
    assertThat(proxy.methods()).isEqualTo(Map.of("PUT", 1));
  }

  @Test
  void aRequestTakesAtLeastTheDelay() throws IOException {
    proxy.delay(40);
    put("k");
    assertThat(proxy.log()).hasSize(1);
    Proxy.Request seen = proxy.log().get(0);
    assertThat(seen.target()).isEqualTo("/lake/k");
    assertThat(seen.status()).isEqualTo(200);
    assertThat(seen.endNanos() - seen.startNanos()).isGreaterThanOrEqualTo(40_000_000);
  }

  @Test
  void aTableBehindFaultsIsWhole() {
    FarBucket bucket = new FarBucket(proxy);
    S3Config config =
        S3Config.builder()
            .endpoint(proxy.endpoint())
            .bucket("lake")
            .keys(FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY)
            .build();
    Schema schema =
        Schema.builder()
            .required("id", Type.LONG)
            .optional("name", Type.STRING)
            .optional("value", Type.DOUBLE)
            .build();
    try (Table table = DataShard.on(S3Store.of(config)).createTable("t", schema)) {
      table.append(Rows.of(0, 1)); // and the proof that the store keeps conditions
      assertThat(bucket.answer("faults\t0.1\t7")).isEqualTo("{}");
      for (int i = 1; i < 10; i++) {
        table.append(Rows.of(i, 1));
      }
      assertThat(table.scan().toMaps().stream().map(row -> row.get("id")))
          .containsExactlyInAnyOrderElementsOf(List.of(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L));
    }
    assertThat(proxy.ended().keySet()).contains(Fault.NONE).hasSizeGreaterThan(1);
    assertThat(bucket.answer("count")).contains("\"PUT\": ", "\"NONE\": ", "\"LIST\": ");
    assertThat(bucket.answer("log")).contains("/lake/t/metadata/v1.metadata.json");
    assertThat(bucket.answer("clear")).isEqualTo("{}");
    assertThat(bucket.answer("count")).isEqualTo("{\"methods\": {}, \"ended\": {}}");
    assertThat(bucket.answer("where")).contains(proxy.endpoint().toString(), "\"bucket\": ");
    assertThat(bucket.answer("dance")).contains("There is no order 'dance'.");
  }
}
