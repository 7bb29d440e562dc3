/** The door: DataShard, tables, transactions and scans. */
@NullMarked
package io.datashard;

import org.jspecify.annotations.NullMarked;
