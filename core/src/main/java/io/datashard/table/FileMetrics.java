package io.datashard.table;

import java.util.List;
import java.util.Map;

/**
 * What a data file's footer and its writer know of it.
 *
 * @param recordCount rows
 * @param fileSizeBytes length of the whole file
 * @param columns by field id
 * @param splitOffsets where row groups start, ascending; empty if not known
 */
public record FileMetrics(
    long recordCount,
    long fileSizeBytes,
    Map<Integer, ColumnMetrics> columns,
    List<Long> splitOffsets) {
  public FileMetrics {
    columns = Map.copyOf(columns);
    splitOffsets = List.copyOf(splitOffsets);
  }
}
