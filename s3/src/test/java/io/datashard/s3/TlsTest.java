package io.datashard.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.error.StorageException;
import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.Storage;
import io.datashard.testkit.s3.FakeS3;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Over TLS, where the SDK signs and sends bodies in another way than without, the dialect stays
 * plain; and a server is trusted by the certificates that the user names.
 */
@Timeout(60)
class TlsTest {
  private static final String PASSWORD = "changeit";

  @TempDir static Path folder;

  private static Path certificate;
  private static FakeS3 fake;

  @BeforeAll
  static void start() throws Exception {
    Path keys = folder.resolve("keys.p12");
    certificate = folder.resolve("certificate.pem");
    keytool(
        "-genkeypair",
        "-keyalg",
        "RSA",
        "-keysize",
        "2048",
        "-validity",
        "30",
        "-dname",
        "CN=127.0.0.1",
        "-ext",
        "SAN=ip:127.0.0.1",
        "-storetype",
        "PKCS12",
        "-keystore",
        keys.toString());
    keytool("-exportcert", "-rfc", "-file", certificate.toString(), "-keystore", keys.toString());
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    fake = FakeS3.start(context);
  }

  private static void keytool(String... words) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(words));
    command.addAll(List.of("-alias", "fake", "-storepass", PASSWORD));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
  }

  @AfterAll
  static void stop() {
    fake.close();
  }

  @Test
  void theDialectStaysPlain() {
    Storage storage =
        S3Store.of(Stores.configOf(fake).caFile(certificate).partBytes(5 << 20).build())
            .at("s3://lake/t");
    assertThat(storage.createExclusive("v1", ByteBuffer.wrap(new byte[100])))
        .isEqualTo(PutOutcome.CREATED);
    assertThat(storage.createExclusive("v1", ByteBuffer.wrap(new byte[100])))
        .isEqualTo(PutOutcome.EXISTED);
    byte[] large = new byte[6 << 20];
    try (NewFile file = storage.create("large")) {
      file.write(large, 0, large.length);
      file.finish();
      storage.makeDurable(List.of(file));
    }
    assertThat(storage.readWhole("large", large.length)).isEqualTo(large);
    assertThat(storage.listAll("")).hasSize(2);
    assertThat(fake.log())
        .allSatisfy(
            each ->
                assertThat(each.headers())
                    .doesNotContainKeys("x-amz-trailer", "x-amz-decoded-content-length"));
  }

  @Test
  void aServerThatNobodyKnowsIsRefusedAtOnce() {
    Storage storage = Stores.of(fake).at("s3://lake/t");
    long start = System.nanoTime();
    assertThatThrownBy(() -> storage.read("v1", 1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("certif");
    assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
  }

  @Test
  void aFileOfCertificatesThatIsNoneIsNamed() {
    S3Config config = Stores.configOf(fake).caFile(folder.resolve("none.pem")).build();
    assertThatThrownBy(() -> S3Store.of(config).at("s3://lake/t").read("v1", 1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("none.pem");
  }
}
