/** Real processes under real trouble: killed, frozen, out of disk, cut off from each other. */
@NullMarked
package io.datashard.interop.siege;

import org.jspecify.annotations.NullMarked;
