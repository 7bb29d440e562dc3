/** Table metadata JSON to records and back. Bytes only, no storage. */
@NullMarked
package io.datashard.internal.metadata;

import org.jspecify.annotations.NullMarked;
