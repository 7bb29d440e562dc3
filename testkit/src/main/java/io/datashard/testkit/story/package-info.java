/**
 * Stories of machines, processes and threads that use one table while everything fails that can, as
 * a seed decides, and an oracle that holds the table against what everybody was told.
 */
@NullMarked
package io.datashard.testkit.story;

import org.jspecify.annotations.NullMarked;
