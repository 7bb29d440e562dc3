package io.datashard.testkit;

import io.datashard.storage.LocalStore;
import io.datashard.storage.Storage;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class LocalStorageContractTest extends StorageContract {
  @TempDir private Path folder;

  @Override
  protected Storage emptyStorage() {
    return LocalStore.of(folder).at("lake/a table");
  }

  @Override
  protected Storage openedAgain(Storage opened) {
    return LocalStore.inWorkingDirectory().at(opened.location());
  }
}
