/** SQL over scans, run by DuckDB in this process. */
@NullMarked
package io.datashard.duckdb;

import org.jspecify.annotations.NullMarked;
