/** One Parquet data file: batches in, batches out, column statistics. */
@NullMarked
package io.datashard.internal.parquet;

import org.jspecify.annotations.NullMarked;
