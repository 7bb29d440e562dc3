/** Many real processes append to one table, some are killed, and nothing may be lost or doubled. */
@NullMarked
package io.datashard.cli.stress;

import org.jspecify.annotations.NullMarked;
