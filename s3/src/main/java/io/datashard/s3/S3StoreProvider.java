package io.datashard.s3;

import io.datashard.storage.Store;
import io.datashard.storage.StoreProvider;
import java.util.Map;
import java.util.Set;

/** How core finds this module; see {@link StoreProvider}. */
public final class S3StoreProvider implements StoreProvider {
  /** For {@link java.util.ServiceLoader}. */
  public S3StoreProvider() {}

  @Override
  public String type() {
    return "s3";
  }

  @Override
  public Set<String> schemes() {
    return Set.of("s3", "s3a", "s3n");
  }

  @Override
  public Store open(Map<String, String> environment) {
    return S3Store.of(S3Environment.read(environment));
  }
}
