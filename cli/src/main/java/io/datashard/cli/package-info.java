/** The {@code datashard} command: one class a command, {@link io.datashard.cli.Cli} runs them. */
@NullMarked
package io.datashard.cli;

import org.jspecify.annotations.NullMarked;
