/** Planning of scans over many files, ours beside a rival. */
@NullMarked
package io.datashard.benchmarks.planning;

import org.jspecify.annotations.NullMarked;
