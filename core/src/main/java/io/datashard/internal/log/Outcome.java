package io.datashard.internal.log;

/** How an attempt to create a version ended. */
public enum Outcome {
  /** The version is ours, and durable. */
  WON,
  /** The number belongs to somebody else's commit; ours can no longer take effect. */
  LOST,
  /**
   * The number was won and its name freed since (I1): nobody can tell by it whose it was. Looking
   * for the change in a newer version tells.
   */
  UNDECIDED
}
