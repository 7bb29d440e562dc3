package io.datashard.testkit;

import io.datashard.storage.Storage;

class MemoryStorageContractTest extends StorageContract {
  @Override
  protected Storage emptyStorage() {
    return new MemoryStorage();
  }
}
