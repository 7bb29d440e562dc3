/** Which numbers of which sources are in a table: the memory of appends that come once. */
@NullMarked
package io.datashard.internal.ledger;

import org.jspecify.annotations.NullMarked;
