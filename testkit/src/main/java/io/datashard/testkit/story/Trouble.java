package io.datashard.testkit.story;

/** What can go wrong in a story. */
enum Trouble {
  /** The store refuses calls. */
  REFUSALS,

  /** Requests or answers are lost, late or doubled, where a network lies between. */
  LOST_ANSWERS,

  /** Single calls take seconds. */
  SLOW_CALLS,

  /** All calls take long for a while. */
  SLOW_DISK,

  /** Nothing can be written for a while. */
  FULL_DISK,

  /** Calls end with errors that nobody foresees, after they took effect or before. */
  SURPRISES,

  KILLS,
  FREEZES,
  POWER_CUTS,
  CLOCK_JUMPS,
  INTERRUPTS,
  DEADLINES,

  /** Connects find nobody, wires are cut, messages take seconds. */
  BAD_WIRES,

  /** On some machines processes cannot reach each other. */
  NOTHING_SHARED,

  /** Processes end without leaving. */
  EXITS
}
