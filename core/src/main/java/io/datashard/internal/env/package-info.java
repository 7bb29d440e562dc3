/** Everything not repeatable: clock, random, sleep. A seeded one replays a failure. */
@NullMarked
package io.datashard.internal.env;

import org.jspecify.annotations.NullMarked;
