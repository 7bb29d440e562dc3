package io.datashard.s3;

import io.datashard.storage.Storage;
import io.datashard.testkit.StorageContract;
import io.datashard.testkit.s3.NeedsVersitygw;
import io.datashard.testkit.s3.Versitygw;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** {@link S3Storage} keeps the contract, on a real server. */
@NeedsVersitygw
class VersitygwContractTest extends StorageContract {
  private static final AtomicInteger TABLES = new AtomicInteger();
  private static Versitygw server;
  private static S3Store store;
  private static S3Store again;

  @BeforeAll
  static void start(@TempDir Path data) {
    server = Versitygw.start(NeedsVersitygw.Condition.program(), data);
    store = Stores.proven(Stores.of(server));
    again = Stores.proven(Stores.of(server));
  }

  @AfterAll
  static void stop() {
    server.close();
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
