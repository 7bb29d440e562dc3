/** The archive of older snapshots, and how pieces of growing size are kept few. */
@NullMarked
package io.datashard.internal.history;

import org.jspecify.annotations.NullMarked;
