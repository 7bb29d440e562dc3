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
import java.util.Base64;
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
    makeKeys(keys);
    KeyStore store = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(keys)) {
      store.load(in, PASSWORD.toCharArray());
    }
    byte[] encoded = store.getCertificate("fake").getEncoded();
    certificate =
        Files.writeString(
            folder.resolve("certificate.pem"),
            "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder().encodeToString(encoded)
                + "\n-----END CERTIFICATE-----\n");
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD.toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    fake = FakeS3.start(context);
  }

  /** By keytool, since the JDK's classes make no certificates; once, for each start costs 1 s. */
  private static void makeKeys(Path keys) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                "fake",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "30",
                "-dname",
                "CN=127.0.0.1",
                "-ext",
                "SAN=ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-keystore",
                keys.toString())
            .redirectErrorStream(true)
            .start();
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
    int before = fake.handshakes();
    assertThatThrownBy(() -> storage.read("v1", 1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("certif");
    assertThat(fake.handshakes() - before).as("tries").isEqualTo(1);
  }

  @Test
  void aFileOfCertificatesThatIsNoneIsNamed() {
    S3Config config = Stores.configOf(fake).caFile(folder.resolve("none.pem")).build();
    assertThatThrownBy(() -> S3Store.of(config).at("s3://lake/t").read("v1", 1))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("none.pem");
  }
}
