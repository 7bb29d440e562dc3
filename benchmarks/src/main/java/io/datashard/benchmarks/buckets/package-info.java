/**
 * The bucket of {@code benchmarks/buckets}: a real S3 server behind a proxy that makes each request
 * take longer, counts them, and lets some go wrong.
 */
@NullMarked
package io.datashard.benchmarks.buckets;

import org.jspecify.annotations.NullMarked;
