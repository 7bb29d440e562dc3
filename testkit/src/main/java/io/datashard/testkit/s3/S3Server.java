package io.datashard.testkit.s3;

import java.net.URI;

/** An S3 that a test started. */
public interface S3Server extends AutoCloseable {
  /** A bucket that is there. */
  String BUCKET = "lake";

  /** Where it listens. */
  URI endpoint();

  /** The key id that it takes. */
  String accessKey();

  /** The secret of that key. */
  String secretKey();

  @Override
  void close();
}
