/** Rows and batches into and out of data files. */
@NullMarked
package io.datashard.internal.rows;

import org.jspecify.annotations.NullMarked;
