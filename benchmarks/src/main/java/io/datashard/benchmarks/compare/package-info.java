/**
 * Contenders of {@code benchmarks/run} that are Java: a process that appends and reads on order.
 */
@NullMarked
package io.datashard.benchmarks.compare;

import org.jspecify.annotations.NullMarked;
