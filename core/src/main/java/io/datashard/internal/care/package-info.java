/** Keeps a table well: verify. */
@NullMarked
package io.datashard.internal.care;

import org.jspecify.annotations.NullMarked;
