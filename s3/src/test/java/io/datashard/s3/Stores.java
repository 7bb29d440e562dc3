package io.datashard.s3;

import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.Versitygw;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Stores for tests. */
final class Stores {
  private Stores() {}

  static S3Config.Builder configOf(FakeS3 fake) {
    return S3Config.builder()
        .endpoint(fake.endpoint())
        .region("us-east-1")
        .bucket("lake")
        .keys(FakeS3.ACCESS_KEY, FakeS3.SECRET_KEY)
        .operationTimeout(Duration.ofSeconds(20));
  }

  static S3Store of(FakeS3 fake) {
    return S3Store.of(configOf(fake).build());
  }

  static S3Config.Builder configOf(Versitygw server) {
    return S3Config.builder()
        .endpoint(server.endpoint())
        .region("us-east-1")
        .bucket(Versitygw.BUCKET)
        .keys(Versitygw.ACCESS_KEY, Versitygw.SECRET_KEY);
  }

  static S3Store of(Versitygw server) {
    return S3Store.of(configOf(server).build());
  }

  /** The same, whose bucket is proved, so that a test sees only its own requests. */
  static S3Store proven(S3Store store) {
    store.at("s3://lake/for-the-canary").createExclusive("one", ByteBuffer.allocate(0));
    store.at("s3://lake/for-the-canary").delete("one");
    return store;
  }
}
