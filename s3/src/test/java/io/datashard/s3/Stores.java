package io.datashard.s3;

import io.datashard.testkit.s3.S3Server;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Stores for tests. */
final class Stores {
  private Stores() {}

  static S3Config.Builder configOf(S3Server server) {
    return S3Config.builder()
        .endpoint(server.endpoint())
        .region("us-east-1")
        .bucket(S3Server.BUCKET)
        .keys(server.accessKey(), server.secretKey())
        .operationTimeout(Duration.ofSeconds(20));
  }

  static S3Store of(S3Server server) {
    return S3Store.of(configOf(server).build());
  }

  /** The same, whose bucket is proved, so that a test sees only its own requests. */
  static S3Store proven(S3Store store) {
    store.at("s3://lake/for-the-canary").createExclusive("one", ByteBuffer.allocate(0));
    store.at("s3://lake/for-the-canary").delete("one");
    return store;
  }
}
