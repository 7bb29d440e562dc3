/** Scans as Arrow data, and Arrow data appended to tables. */
@NullMarked
package io.datashard.arrow;

import org.jspecify.annotations.NullMarked;
