/** Tables far larger than the heap, written and read as streams. */
@NullMarked
package io.datashard.benchmarks.streaming;

import org.jspecify.annotations.NullMarked;
