package io.datashard.benchmarks.buckets;

/** How a request ends. */
enum Fault {
  /** Well. */
  NONE,
  /** 500, without effect. */
  ERROR,
  /** 503, without effect. */
  SLOW_DOWN,
  /** The connection is reset, without effect. */
  RESET,
  /** It takes effect, and 500 is answered. */
  DONE_ERROR,
  /** It takes effect, and the connection is reset. */
  DONE_RESET,
  /** It takes effect, and the connection ends without an answer. */
  DONE_LOST;

  boolean hasEffect() {
    return this == NONE || this == DONE_ERROR || this == DONE_RESET || this == DONE_LOST;
  }
}
