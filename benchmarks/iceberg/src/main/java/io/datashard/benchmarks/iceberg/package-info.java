/** Apache Iceberg's own Java library as a contender of {@code benchmarks/run}. */
@NullMarked
package io.datashard.benchmarks.iceberg;

import org.jspecify.annotations.NullMarked;
