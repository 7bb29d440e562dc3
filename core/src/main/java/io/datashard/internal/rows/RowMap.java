package io.datashard.internal.rows;

import io.datashard.data.Batch;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Rows of batches as maps. */
public final class RowMap {
  private RowMap() {}

  /** The row as a new map from column name to Java value, in column order; nulls are present. */
  public static Map<String, @Nullable Object> of(Batch batch, int row) {
    int size = batch.schema().size();
    Map<String, @Nullable Object> map = new LinkedHashMap<>(size * 4 / 3 + 1);
    for (int i = 0; i < size; i++) {
      map.put(batch.schema().field(i).name(), batch.column(i).value(row));
    }
    return map;
  }
}
