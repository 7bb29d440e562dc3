package io.datashard.testkit.tables;

import io.datashard.storage.Storage;
import io.datashard.testkit.MemoryStorage;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Tables in memory, where every round is tried. */
class MemoryTablesTest extends TableContract {
  /** Years behind ours. */
  private static final AtomicLong CLOCK = new AtomicLong(1_500_000_000_000L);

  @Override
  protected TestStore store() {
    return new TestStore() {
      @Override
      public Storage empty(long seed) {
        return new MemoryStorage("memory:///table", seed, CLOCK::get);
      }

      @Override
      public boolean cutPower(Storage storage) {
        ((MemoryStorage) storage).crash();
        return true;
      }

      @Override
      public boolean hasClock() {
        return true;
      }

      @Override
      public void passTime(Duration time) {
        CLOCK.addAndGet(time.toMillis());
      }

      @Override
      public void damage(Storage storage, String key, byte[] content) {
        ((MemoryStorage) storage).damage(key, content);
      }
    };
  }
}
