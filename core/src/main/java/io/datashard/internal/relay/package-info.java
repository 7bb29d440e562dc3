/** Gathers the appends of threads and processes of one machine into rounds. */
@NullMarked
package io.datashard.internal.relay;

import org.jspecify.annotations.NullMarked;
