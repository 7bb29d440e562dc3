/** S3 for tests: a fake of our own whose answers can go wrong, and a real server to start. */
@NullMarked
package io.datashard.testkit.s3;

import org.jspecify.annotations.NullMarked;
