package io.datashard.internal.parquet;

/** What showed that no row of a row group matches. */
enum RuledOutBy {
  /** Rows may match. */
  NOTHING,
  STATISTICS,
  BLOOM_FILTER,
  PAGE_INDEX,
  DICTIONARY;

  /** One row group more. */
  ReadCounts counted() {
    return new ReadCounts(
        1, one(STATISTICS), one(BLOOM_FILTER), one(PAGE_INDEX), one(DICTIONARY), 0, 0, 0, 0);
  }

  private long one(RuledOutBy which) {
    return this == which ? 1 : 0;
  }
}
