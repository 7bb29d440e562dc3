package io.datashard.testkit;

import io.datashard.storage.NewFile;
import io.datashard.storage.PutOutcome;
import io.datashard.storage.ReadableFile;
import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Passes every call on: a test overrides the one it wants to be otherwise. */
public abstract class ForwardingStorage implements Storage {
  private final Storage storage;

  /** Stands before this storage. */
  protected ForwardingStorage(Storage storage) {
    this.storage = storage;
  }

  @Override
  public String location() {
    return storage.location();
  }

  @Override
  public boolean isRemote() {
    return storage.isRemote();
  }

  @Override
  public OptionalLong clockMillis() {
    return storage.clockMillis();
  }

  @Override
  public PutOutcome createExclusive(String key, ByteBuffer content) {
    return storage.createExclusive(key, content);
  }

  @Override
  public NewFile create(String key) {
    return storage.create(key);
  }

  @Override
  public void makeDurable(List<NewFile> files) {
    storage.makeDurable(files);
  }

  @Override
  public void makeDurable(String key) {
    storage.makeDurable(key);
  }

  @Override
  public void importFile(Path source, String key) {
    storage.importFile(source, key);
  }

  @Override
  public void replace(String key, ByteBuffer content) {
    storage.replace(key, content);
  }

  @Override
  public ReadableFile open(String key, long length) {
    return storage.open(key, length);
  }

  @Override
  public byte[] readWhole(String key, long length) {
    return storage.readWhole(key, length);
  }

  @Override
  public Optional<byte[]> read(String key, int bytesMax) {
    return storage.read(key, bytesMax);
  }

  @Override
  public Optional<Listed> find(String key) {
    return storage.find(key);
  }

  @Override
  public boolean exists(String key) {
    return storage.exists(key);
  }

  @Override
  public List<Listed> list(String folder, String namePrefix) {
    return storage.list(folder, namePrefix);
  }

  @Override
  public List<String> names(String folder, String namePrefix) {
    return storage.names(folder, namePrefix);
  }

  @Override
  public List<Listed> listAll(String folder) {
    return storage.listAll(folder);
  }

  @Override
  public void delete(String key) {
    storage.delete(key);
  }

  @Override
  public String identity(String key) {
    return storage.identity(key);
  }
}
