/** Rows as text: JSON Lines and CSV in; JSON Lines, CSV and aligned tables out. */
@NullMarked
package io.datashard.cli.rows;

import org.jspecify.annotations.NullMarked;
