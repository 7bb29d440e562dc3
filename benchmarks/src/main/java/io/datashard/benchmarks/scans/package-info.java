/** Whole scans of large tables, ours beside rivals. */
@NullMarked
package io.datashard.benchmarks.scans;

import org.jspecify.annotations.NullMarked;
