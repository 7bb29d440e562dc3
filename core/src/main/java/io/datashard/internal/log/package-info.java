/** Numbered versions of a table: the newest, creating the next, recognising one's own. */
@NullMarked
package io.datashard.internal.log;

import org.jspecify.annotations.NullMarked;
