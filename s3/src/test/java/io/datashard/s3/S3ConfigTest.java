package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.storage.EnvironmentStore;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What variables and locations mean. */
class S3ConfigTest {
  private static final Map<String, String> ENVIRONMENT =
      Map.of(
          "DATASHARD_STORAGE_TYPE", "s3",
          "DATASHARD_S3_ENDPOINT", "http://127.0.0.1:9",
          "DATASHARD_S3_ACCESS_KEY", "AKIDNEVERSHOWN",
          "DATASHARD_S3_SECRET_KEY", "SECRETNEVERSHOWN",
          "DATASHARD_S3_SESSION_TOKEN", "TOKENNEVERSHOWN",
          "DATASHARD_S3_BUCKET", "lake",
          "DATASHARD_S3_REGION", "eu-west-1",
          "DATASHARD_S3_PREFIX", "team/a/",
          "PATH", "/bin");

  private static Map<String, String> with(String name, String value) {
    Map<String, String> all = new HashMap<>(ENVIRONMENT);
    all.put(name, value);
    return all;
  }

  private static String locationOf(String location) {
    return EnvironmentStore.of(ENVIRONMENT).at(location).location();
  }

  @Test
  void aNameIsATableBelowThePrefixAndUrisMeanWhatTheySay() {
    assertThat(locationOf("task-logs")).isEqualTo("s3://lake/team/a/task-logs");
    assertThat(locationOf("logs/2024/")).isEqualTo("s3://lake/team/a/logs/2024");
    assertThat(locationOf("s3://other/x y/100%/é")).isEqualTo("s3://other/x y/100%/é");
    assertThat(locationOf("S3A://other/t/")).isEqualTo("s3://other/t");
    assertThat(locationOf("file:///tmp/t")).isEqualTo("file:///tmp/t");
  }

  @Test
  void withoutTheTypeANameIsAFolder() {
    Map<String, String> local = new HashMap<>(ENVIRONMENT);
    local.remove("DATASHARD_STORAGE_TYPE");
    EnvironmentStore store = EnvironmentStore.of(local);
    assertThat(store.at("task-logs").location()).startsWith("file:///").endsWith("/task-logs");
    assertThat(store.at("s3://lake/t").location()).isEqualTo("s3://lake/t");
  }

  @Test
  void aBarePathIsAnErrorThatNamesBothWaysOut() {
    assertThatThrownBy(() -> locationOf("/data/t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("file:///data/t")
        .hasMessageContaining("s3://lake/data/t");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../b",
        "a/../../b",
        "a//b",
        "./a",
        "",
        "s3://lake/../b",
        "s3://lake/a//b",
        "s3://lake",
        "s3://lake/",
        "s3:///a",
        "s3://la:ke/a",
        "s3://user@lake/a",
        "hdfs://x/y"
      })
  void nothingLeadsOutOfThePrefix(String location) {
    assertThatThrownBy(() -> locationOf(location)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void anUnknownVariableIsAnErrorThatListsTheKnownOnes() {
    assertThatThrownBy(() -> EnvironmentStore.of(with("DATASHARD_S3_BUKET", "x")).at("s3://lake/t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DATASHARD_S3_BUKET")
        .hasMessageContaining("DATASHARD_S3_BUCKET")
        .hasMessageContaining("DATASHARD_S3_SESSION_TOKEN");
    assertThat(EnvironmentStore.of(with("DATASHARD_OTHER", "x")).at("t").location())
        .isEqualTo("s3://lake/team/a/t");
  }

  @ParameterizedTest
  @CsvSource({
    "DATASHARD_S3_ENDPOINT, minio.example:9000",
    "DATASHARD_S3_ENDPOINT, http://SECRETNEVERSHOWN@host:9000",
    "DATASHARD_S3_PREFIX, a/../b",
    "DATASHARD_S3_BUCKET, a/b",
    "DATASHARD_S3_PATH_STYLE, yes",
    "DATASHARD_S3_TIMEOUT_SECONDS, soon",
    "DATASHARD_S3_KMS_KEY, key-without-encryption",
    "DATASHARD_S3_SECRET_KEY, ' '"
  })
  void aVariableThatMakesNoSenseIsNamed(String name, String value) {
    assertThatThrownBy(() -> S3Environment.read(with(name, value)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .satisfiesAnyOf(
            message -> assertThat(message).contains(name),
            message -> assertThat(message).containsIgnoringCase("endpoint"),
            message -> assertThat(message).contains("KMS"))
        .doesNotContain("NEVERSHOWN");
  }

  @Test
  void anUnknownTypeIsAnErrorThatListsTheKnownOnes() {
    assertThatThrownBy(() -> EnvironmentStore.of(Map.of("DATASHARD_STORAGE_TYPE", "gcs")).at("t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'gcs'")
        .hasMessageContaining("local, s3");
  }

  @Test
  void withoutABucketANameIsAnError() {
    Map<String, String> all = new HashMap<>(ENVIRONMENT);
    all.remove("DATASHARD_S3_BUCKET");
    assertThatThrownBy(() -> EnvironmentStore.of(all).at("t"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("DATASHARD_S3_BUCKET");
  }

  @Test
  void pathStyleIsTheDefaultOnlyWithAnEndpoint() {
    assertThat(S3Config.builder().build().pathStyle()).isFalse();
    URI endpoint = URI.create("http://localhost:1");
    assertThat(S3Config.builder().endpoint(endpoint).build().pathStyle()).isTrue();
    assertThat(S3Config.builder().endpoint(endpoint).pathStyle(false).build().pathStyle())
        .isFalse();
  }

  @Test
  void aChangedCopyLeavesTheOriginal() {
    S3Config config = S3Environment.read(ENVIRONMENT);
    S3Config changed = config.toBuilder().bucket("other").build();
    assertThat(config.bucket()).contains("lake");
    assertThat(changed.bucket()).contains("other");
    assertThat(changed.prefix()).isEqualTo("team/a");
    assertThat(changed.toString()).doesNotContain("NEVERSHOWN");
  }

  @Test
  void severalStoresAreKeptApart() {
    try (FakeS3 one = FakeS3.start();
        FakeS3 two = FakeS3.start()) {
      Storage first = Stores.of(one).at("t");
      Storage second = Stores.of(two).at("t");
      first.createExclusive("metadata/v1", ByteBuffer.wrap(new byte[] {1}));
      second.createExclusive("metadata/v1", ByteBuffer.wrap(new byte[] {2}));
      assertThat(first.read("metadata/v1", 1)).hasValue(new byte[] {1});
      assertThat(second.read("metadata/v1", 1)).hasValue(new byte[] {2});
      assertThat(first.machineKey()).isNotEmpty().isNotEqualTo(second.machineKey());
      assertThat(first.machineKey()).isEqualTo(Stores.of(one).at("t").machineKey());
      assertThat(first.machineKey()).isNotEqualTo(Stores.of(one).at("u").machineKey());
    }
  }

  /** Through the fake as a proxy, since not every machine knows the hosts below localhost. */
  @Test
  void theBucketMayStandInTheHostsName() {
    try (FakeS3 fake = FakeS3.start().withVirtualHosts()) {
      System.setProperty("http.proxyHost", "127.0.0.1");
      System.setProperty("http.proxyPort", Integer.toString(fake.endpoint().getPort()));
      Storage storage =
          S3Store.of(
                  Stores.configOf(fake)
                      .endpoint(URI.create("http://s3.fake.example"))
                      .pathStyle(false)
                      .build())
              .at("s3://lake/a b/t");
      storage.createExclusive("metadata/v1", ByteBuffer.wrap(new byte[] {1}));
      assertThat(fake.keys("lake")).isEqualTo(List.of("a b/t/metadata/v1"));
      assertThat(storage.read("metadata/v1", 1)).hasValue(new byte[] {1});
      assertThat(fake.log())
          .allSatisfy(
              each -> assertThat(each.headers()).containsEntry("host", "lake.s3.fake.example"));
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
  }
}
