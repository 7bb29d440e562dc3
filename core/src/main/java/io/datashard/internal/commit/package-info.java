/** Applies a change to the newest version, again if another one won. */
@NullMarked
package io.datashard.internal.commit;

import org.jspecify.annotations.NullMarked;
