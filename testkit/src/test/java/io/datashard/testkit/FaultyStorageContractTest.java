package io.datashard.testkit;

import io.datashard.storage.Storage;

/** Without faults the fake is as good as what it stands before. */
class FaultyStorageContractTest extends StorageContract {
  @Override
  protected Storage emptyStorage() {
    return FaultyStorage.counting(new MemoryStorage());
  }
}
