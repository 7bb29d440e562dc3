package io.datashard.s3;

import io.datashard.storage.Storage;
import io.datashard.testkit.StorageContract;
import io.datashard.testkit.s3.S3Server;
import io.datashard.testkit.tables.TableContract;
import io.datashard.testkit.tables.TestStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** All that a store and its tables promise, in a bucket. A server's test adds the server. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class BucketTests {
  private final AtomicInteger tables = new AtomicInteger();
  private S3Server server;
  private S3Store store;
  private S3Store again;

  /** Starts the server of all tests of the class. */
  abstract S3Server start(Path data);

  /** Whether tests make fewer rounds. */
  boolean isSlow() {
    return true;
  }

  /** As {@link TestStore#hasClock}. */
  boolean hasClock() {
    return false;
  }

  /** Lets time go by on the server's clock; some seconds of it can be waited for. */
  void passTime(Duration time) {
    try {
      Thread.sleep(time.toMillis());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @BeforeAll
  void open(@TempDir Path data) {
    server = start(data);
    store = Stores.proven(Stores.of(server));
    again = Stores.proven(Stores.of(server));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private Storage emptyTable() {
    return store.at("s3://" + S3Server.BUCKET + "/table-" + (10_000 + tables.incrementAndGet()));
  }

  /** {@link S3Storage} keeps the contract of stores. */
  @Nested
  class Contract extends StorageContract {
    @Override
    protected Storage emptyStorage() {
      return emptyTable();
    }

    @Override
    protected Storage openedAgain(Storage opened) {
      return again.at(opened.location());
    }

    @Override
    protected boolean tellsOfReplacements() {
      return true;
    }
  }

  /** Tables keep theirs. */
  @Nested
  class Suite extends TableContract {
    @Override
    protected TestStore store() {
      return new TestStore() {
        @Override
        public Storage empty(long seed) {
          return emptyTable();
        }

        @Override
        public boolean isSlow() {
          return BucketTests.this.isSlow();
        }

        @Override
        public boolean hasClock() {
          return BucketTests.this.hasClock();
        }

        @Override
        public void passTime(Duration time) {
          BucketTests.this.passTime(time);
        }
      };
    }
  }

  /** And users reach them through variables, from several processes too. */
  @Nested
  class Door extends S3Tables {
    @Override
    Map<String, String> variables() {
      return variables(server, "some/prefix");
    }

    @Override
    void passTime(Duration time) {
      BucketTests.this.passTime(time);
    }
  }
}
