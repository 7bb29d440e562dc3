/** What DataShard asks of a store, and the local file system as one. */
@NullMarked
package io.datashard.storage;

import org.jspecify.annotations.NullMarked;
