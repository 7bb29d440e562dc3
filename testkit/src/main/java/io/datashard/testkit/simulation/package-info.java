/**
 * Several machines with several processes each, run one thread at a time as a seed decides, over a
 * simulated store, clock, seats and wires: real protocol code, every order of events, and each run
 * can be had again.
 */
@NullMarked
package io.datashard.testkit.simulation;

import org.jspecify.annotations.NullMarked;
