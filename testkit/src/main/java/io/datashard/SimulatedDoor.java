package io.datashard;

import io.datashard.internal.env.Env;
import io.datashard.storage.Storage;

/** The door as it opens in a simulated process, whose time and threads are not the JVM's. */
public final class SimulatedDoor {
  private SimulatedDoor() {}

  /** The tables that this process sees; there is one, whatever it is called. */
  public static Tables tables(Storage storage, Env env) {
    return new Tables(location -> storage, env);
  }
}
