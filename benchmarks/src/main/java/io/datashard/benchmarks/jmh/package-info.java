/** JMH benchmarks of the hot paths, one by one; see {@code benchmarks/README.md}. */
@NullMarked
package io.datashard.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
