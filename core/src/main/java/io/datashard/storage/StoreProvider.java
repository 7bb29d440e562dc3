package io.datashard.storage;

import java.util.Map;
import java.util.Set;

/**
 * A kind of store that is found by the scheme of a location, such as {@code s3}. A module with a
 * store names its provider in {@code META-INF/services}; whoever hands a {@link Store} to the door
 * needs none.
 */
public interface StoreProvider {
  /** What {@code DATASHARD_STORAGE_TYPE} calls this kind of store, in lower case. */
  String type();

  /** The schemes of its locations, in lower case. */
  Set<String> schemes();

  /**
   * The store that these variables describe. No request is sent.
   *
   * @param environment the variables of the process, or what stands for them in a test
   * @throws IllegalArgumentException they describe none; the message names the variable
   */
  Store open(Map<String, String> environment);
}
