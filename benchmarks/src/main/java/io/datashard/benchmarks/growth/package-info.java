/** What a long history costs. */
@NullMarked
package io.datashard.benchmarks.growth;

import org.jspecify.annotations.NullMarked;
