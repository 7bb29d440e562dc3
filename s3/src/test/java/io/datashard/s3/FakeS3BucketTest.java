package io.datashard.s3;

import io.datashard.testkit.s3.FakeS3;
import io.datashard.testkit.s3.S3Server;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** On the fake. */
class FakeS3BucketTest extends BucketTests {
  /** Years behind ours. */
  private final AtomicLong clock = new AtomicLong(1_500_000_000_000L);

  @Override
  S3Server start(Path data) {
    return FakeS3.start().clock(clock::get);
  }

  @Override
  boolean hasClock() {
    return true;
  }

  @Override
  void passTime(Duration time) {
    clock.addAndGet(time.toMillis());
  }
}
