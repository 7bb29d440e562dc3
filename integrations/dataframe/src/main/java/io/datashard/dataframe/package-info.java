/** Scans as DFLib data frames, and data frames appended to tables. */
@NullMarked
package io.datashard.dataframe;

import org.jspecify.annotations.NullMarked;
