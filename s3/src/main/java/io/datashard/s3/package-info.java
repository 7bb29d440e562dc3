/**
 * Tables in an S3-compatible bucket.
 *
 * <p>{@link io.datashard.s3.S3Store} is the door, {@link io.datashard.s3.S3Config} says where the
 * bucket is and how to reach it. Behind it, from top to bottom: {@code S3Storage} keeps the
 * promises of a storage; {@code Canary} proves that the store can keep the one that commits rest
 * on; {@code Requests} is the requests of S3, one method each; {@code Calls} sends one again within
 * a budget; {@code S3Failure} says of an error what it means for the request that got it.
 */
@NullMarked
package io.datashard.s3;

import org.jspecify.annotations.NullMarked;
