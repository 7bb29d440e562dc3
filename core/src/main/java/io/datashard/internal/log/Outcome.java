package io.datashard.internal.log;

/** How an attempt to create a version ended. */
public enum Outcome {
  /** The version is ours, and durable. */
  WON,
  /** The number belongs to somebody else's commit; ours can no longer take effect. */
  LOST
}
