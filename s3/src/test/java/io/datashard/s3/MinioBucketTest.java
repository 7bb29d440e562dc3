package io.datashard.s3;

import io.datashard.testkit.s3.NeedsServer;
import io.datashard.testkit.s3.RealServer.Kind;
import io.datashard.testkit.s3.S3Server;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;

/** On another real server, whose build takes minutes. */
@Tag("slow")
@NeedsServer(Kind.MINIO)
class MinioBucketTest extends BucketTests {
  @Override
  S3Server start(Path data) {
    return NeedsServer.Condition.start(Kind.MINIO, data);
  }
}
