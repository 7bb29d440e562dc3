package io.datashard.s3;

import io.datashard.storage.Storage;
import io.datashard.testkit.StorageContract;
import io.datashard.testkit.s3.FakeS3;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** {@link S3Storage} keeps the contract, on the fake. */
class FakeS3ContractTest extends StorageContract {
  private static final AtomicInteger TABLES = new AtomicInteger();
  private static FakeS3 fake;
  private static S3Store store;
  private static S3Store again;

  @BeforeAll
  static void start() {
    fake = FakeS3.start();
    store = Stores.proven(Stores.of(fake));
    again = Stores.proven(Stores.of(fake));
  }

  @AfterAll
  static void stop() {
    fake.close();
  }

  @Override
  protected Storage emptyStorage() {
    return store.at("s3://lake/table-" + TABLES.incrementAndGet());
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
