package io.datashard.s3;

import io.datashard.storage.Storage;
import io.datashard.storage.Store;
import java.util.Map;

/**
 * Tables in S3-compatible buckets that are reached in one way: one endpoint, one set of
 * credentials.
 *
 * <p>A location is {@code s3://bucket/key} ({@code s3a} and {@code s3n} mean the same), or, if the
 * configuration names a bucket, a name below its prefix. It is plain text: nothing in it is
 * decoded, and it cannot lead out of the prefix.
 */
public final class S3Store implements Store {
  private final S3Config config;
  private final Client client;

  private S3Store(S3Config config, S3Env env) {
    this.config = config;
    this.client = new Client(config, env);
  }

  /** The store that this describes. No request is sent. */
  public static S3Store of(S3Config config) {
    return of(config, S3Env.system());
  }

  /** The same, with threads, time and network of its own. */
  static S3Store of(S3Config config, S3Env env) {
    return new S3Store(config, env);
  }

  /**
   * The store that the variables {@code DATASHARD_S3_*} describe.
   *
   * @throws IllegalArgumentException one of them is unknown or makes no sense
   */
  public static S3Store ofEnvironment(Map<String, String> environment) {
    return of(S3Environment.read(environment));
  }

  @Override
  public Storage at(String location) {
    return new S3Storage(S3Location.of(location, config), client);
  }

  @Override
  public String toString() {
    return "S3Store[" + config + "]";
  }
}
