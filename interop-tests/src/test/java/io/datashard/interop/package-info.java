/**
 * Foreign readers and writers against our tables: PyIceberg, pandas, Polars, DuckDB, iceberg-core.
 */
@NullMarked
package io.datashard.interop;

import org.jspecify.annotations.NullMarked;
