package io.datashard.internal.rows;

import io.datashard.data.BatchBuilder;
import io.datashard.error.InvalidRowException;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Values;
import java.util.Map;

/** Rows given as maps from column name to value; a missing key is null. */
public final class MapEncoder implements RowEncoder<Map<String, ?>> {
  private final Schema schema;

  /** An encoder for rows of this schema. */
  public MapEncoder(Schema schema) {
    this.schema = schema;
  }

  @Override
  public void encode(Map<String, ?> row, long number, BatchBuilder into) {
    int found = 0;
    for (int i = 0; i < schema.size(); i++) {
      Field field = schema.field(i);
      Object value = row.get(field.name());
      try {
        into.column(i).add(value);
      } catch (IllegalArgumentException e) {
        throw RowEncoder.refuse(number, field, value, e);
      }
      if (value != null || row.containsKey(field.name())) {
        found++;
      }
    }
    if (found != row.size()) {
      throw unknownColumn(row, number);
    }
    into.endRow();
  }

  private InvalidRowException unknownColumn(Map<String, ?> row, long number) {
    for (Map.Entry<String, ?> entry : row.entrySet()) {
      if (!schema.has(entry.getKey())) {
        Object value = entry.getValue();
        return new InvalidRowException(
            "Row "
                + number
                + ": there is no column '"
                + entry.getKey()
                + "' (value: "
                + (value == null ? "null" : Values.describe(value))
                + "). Columns: "
                + String.join(", ", schema.names())
                + ". Nothing was committed.");
      }
    }
    return new InvalidRowException("Row " + number + " changed while it was read.");
  }
}
