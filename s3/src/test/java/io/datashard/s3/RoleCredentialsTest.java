package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.datashard.error.StorageException;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Without keys of our own, those of the environment: here a container's role, on the loopback. */
@Timeout(60)
class RoleCredentialsTest {
  private static final List<String> PROPERTIES =
      List.of(
          "aws.containerCredentialsFullUri",
          "aws.disableEc2Metadata",
          "aws.sharedCredentialsFile",
          "aws.configFile");

  @TempDir Path folder;

  private final Map<String, String> before = new TreeMap<>();
  private final FakeS3 fake = FakeS3.start();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile Duration lifetime = Duration.ofHours(1);
  private HttpServer role;

  @BeforeEach
  void start() throws IOException {
    role = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    role.createContext(
        "/role",
        exchange -> {
          int number = asked.incrementAndGet();
          byte[] answer =
              ("{\"AccessKeyId\":\"ROLEKEY"
                      + number
                      + "\",\"SecretAccessKey\":\"s"
                      + number
                      + "\",\"Token\":\"t\",\"Expiration\":\""
                      + Instant.now().plus(lifetime)
                      + "\"}")
                  .getBytes(StandardCharsets.US_ASCII);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    role.start();
    for (String property : PROPERTIES) {
      String value = System.getProperty(property);
      if (value != null) {
        before.put(property, value);
      }
    }
    System.setProperty("aws.disableEc2Metadata", "true");
    System.setProperty("aws.sharedCredentialsFile", folder.resolve("none").toString());
    System.setProperty("aws.configFile", folder.resolve("none").toString());
  }

  @AfterEach
  void stop() {
    role.stop(0);
    fake.close();
    for (String property : PROPERTIES) {
      System.clearProperty(property);
    }
    before.forEach(System::setProperty);
  }

  private Storage storage() {
    return S3Store.of(
            S3Config.builder()
                .endpoint(fake.endpoint())
                .region("us-east-1")
                .operationTimeout(Duration.ofSeconds(5))
                .build())
        .at("s3://lake/t");
  }

  @Test
  void theCredentialsOfARoleAreUsedAndRenewed() throws InterruptedException {
    System.setProperty(
        "aws.containerCredentialsFullUri",
        "http://127.0.0.1:" + role.getAddress().getPort() + "/role");
    // The SDK renews them a minute before they end.
    lifetime = Duration.ofMillis(61_500);
    fake.takesKeyId(key -> key.startsWith("ROLEKEY"));
    Storage storage = storage();
    assertThat(storage.createExclusive("v1", ByteBuffer.allocate(1))).isEqualTo(PutOutcome.CREATED);

    lifetime = Duration.ofHours(1);
    int before = asked.get();
    Thread.sleep(2_000);
    fake.takesKeyId(key -> Integer.parseInt(key.substring("ROLEKEY".length())) > before);
    assertThat(storage.createExclusive("v2", ByteBuffer.allocate(1))).isEqualTo(PutOutcome.CREATED);
    assertThat(fake.log().get(0).headers()).containsEntry("x-amz-security-token", "t");
  }

  @Test
  void whereThereAreNoneThatIsSaidAndNothingIsSent() {
    Storage storage = storage();
    assertThatThrownBy(() -> storage.createExclusive("v1", ByteBuffer.allocate(1)))
        .isExactlyInstanceOf(StorageException.class)
        .hasMessageContaining("credentials");
    assertThatThrownBy(() -> storage.read("v1", 1)).isInstanceOf(StorageException.class);
    assertThat(fake.log()).isEmpty();
  }
}
