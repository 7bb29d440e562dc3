package io.datashard.s3;

import io.datashard.testkit.s3.NeedsServer;
import io.datashard.testkit.s3.RealServer.Kind;
import io.datashard.testkit.s3.S3Server;
import java.nio.file.Path;

/** On a real server. */
@NeedsServer(Kind.VERSITYGW)
class VersitygwBucketTest extends BucketTests {
  @Override
  S3Server start(Path data) {
    return NeedsServer.Condition.start(Kind.VERSITYGW, data);
  }
}
