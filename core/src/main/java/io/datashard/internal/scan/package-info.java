/** From a snapshot and a predicate to the list of files to read. */
@NullMarked
package io.datashard.internal.scan;

import org.jspecify.annotations.NullMarked;
