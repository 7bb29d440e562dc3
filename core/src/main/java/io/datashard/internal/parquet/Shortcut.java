package io.datashard.internal.parquet;

import java.util.EnumSet;
import java.util.Set;

/**
 * What a reader does to read less. Each can be left away and nothing changes but the time it takes;
 * tests hold the reader to that.
 */
enum Shortcut {
  /** Row groups are passed over by the statistics in the footer. */
  GROUP_STATISTICS,
  /** Bloom filters are asked for single values. */
  BLOOM_FILTERS,
  /** Pages are passed over by the page index. */
  PAGE_INDEX,
  /** Row groups are passed over if no entry of a dictionary matches. */
  DICTIONARIES,
  /** Pages are passed over, or not filtered, by what their headers say of them. */
  PAGE_STATISTICS,
  /** Filters look at the entries of a dictionary instead of at rows. */
  CODES,
  /** Columns that the filter does not look at are read for rows that match, not for all. */
  LATE_COLUMNS;

  static final Set<Shortcut> ALL = Set.copyOf(EnumSet.allOf(Shortcut.class));
}
