package io.datashard.testkit.tables;

import io.datashard.storage.Storage;
import java.nio.ByteBuffer;
import java.time.Duration;

/** A store for {@link TableContract}, and what its tests do to it behind everybody's back. */
public interface TestStore {
  /**
   * A storage without any file, another one for each call.
   *
   * @param seed decides what {@link #cutPower} leaves, where that may be less than all
   */
  Storage empty(long seed);

  /** Whether calls are so slow that tests make fewer rounds: one in some of those they could. */
  default boolean isSlow() {
    return false;
  }

  /**
   * Cuts the power of the store and switches it on again.
   *
   * @return false if all that it answers is durable, so that a power cut changes nothing
   */
  default boolean cutPower(Storage storage) {
    return false;
  }

  /** Whether tests can set the store's clock; where not, those that must are skipped. */
  default boolean hasClock() {
    return false;
  }

  /** Lets time go by on the store's clock; a negative one sets it back. */
  default void passTime(Duration time) {
    throw new UnsupportedOperationException("nobody can set the clock of this store");
  }

  /** Overwrites a file, or puts one there, as a failing disk or a careless hand would. */
  default void damage(Storage storage, String key, byte[] content) {
    storage.delete(key);
    storage.createExclusive(key, ByteBuffer.wrap(content));
  }
}
