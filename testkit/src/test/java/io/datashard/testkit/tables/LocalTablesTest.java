package io.datashard.testkit.tables;

import io.datashard.storage.Disk;
import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import java.io.FileDescriptor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.io.TempDir;

/** Tables in folders. No power is cut here, so nothing is synced. */
class LocalTablesTest extends TableContract {
  private static final AtomicInteger TABLES = new AtomicInteger();

  @TempDir static Path folder;

  @Override
  protected TestStore store() {
    return new TestStore() {
      @Override
      public Storage empty(long seed) {
        return LocalStore.of(folder)
            .through(new Hasty())
            .at("lake/table " + (10_000 + TABLES.incrementAndGet()));
      }

      @Override
      public boolean isSlow() {
        return true;
      }
    };
  }

  /** A disk that takes its time for nothing. */
  private static final class Hasty implements Disk {
    @Override
    public void syncFile(Path file, FileDescriptor open) {}

    @Override
    public void syncFolder(Path folder) {}

    @Override
    public void link(Path existing, Path name) throws IOException {
      Disk.real().link(existing, name);
    }
  }
}
