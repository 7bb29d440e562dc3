package io.datashard.internal.parquet;

/** A decompressed data page and how far its rows have been read. */
final class DataPage {
  private final long endRow;
  private final LevelReader levels;
  private final ValueReader values;
  private long row;

  DataPage(long firstRow, long endRow, LevelReader levels, ValueReader values) {
    this.row = firstRow;
    this.endRow = endRow;
    this.levels = levels;
    this.values = values;
  }

  LevelReader levels() {
    return levels;
  }

  ValueReader values() {
    return values;
  }

  long rowsLeft() {
    return endRow - row;
  }

  /** Levels and values of so many rows have been read. */
  void took(int rows) {
    row += rows;
  }

  /** Passes over the rows before this one. */
  void skipTo(long wanted) {
    if (wanted > row) {
      values.skip(levels.skip((int) (wanted - row)));
      row = wanted;
    }
  }
}
