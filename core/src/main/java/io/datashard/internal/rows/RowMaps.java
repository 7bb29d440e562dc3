package io.datashard.internal.rows;

import io.datashard.data.Batch;
import io.datashard.schema.Schema;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes maps of the rows of batches. For one thread at a time. */
public final class RowMaps {
  private @Nullable Schema schema;
  private RowMap.Names names = new RowMap.Names(new String[0]);

  /** The row as a new map from column name to Java value, in column order; nulls are present. */
  public Map<String, @Nullable Object> of(Batch batch, int row) {
    if (batch.schema() != schema) {
      schema = batch.schema();
      names = new RowMap.Names(schema.names().toArray(String[]::new));
    }
    @Nullable Object[] values = new Object[names.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = batch.column(i).value(row);
    }
    return new RowMap(names, values);
  }
}
