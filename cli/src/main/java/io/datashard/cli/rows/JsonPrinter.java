package io.datashard.cli.rows;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.SerializableString;
import com.fasterxml.jackson.core.io.SerializedString;
import io.datashard.cli.Json;
import io.datashard.cli.Output;
import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.data.DoubleColumn;
import io.datashard.data.FloatColumn;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Rows as JSON Lines, without loss: what is printed is read back by {@link JsonRows} as the same.
 *
 * <p>Decimals are strings, because most readers of JSON would make doubles of numbers; so are NaN
 * and the infinities, which JSON has no numbers for.
 */
final class JsonPrinter extends RowPrinter {
  private final JsonGenerator json;
  private final SerializableString[] names;

  JsonPrinter(Schema schema, Output out) {
    names = new SerializableString[schema.size()];
    for (int i = 0; i < names.length; i++) {
      names[i] = new SerializedString(schema.field(i).name());
    }
    try {
      json = Json.factory().createGenerator(out);
      json.setRootValueSeparator(new SerializedString(""));
      json.disable(JsonGenerator.Feature.FLUSH_PASSED_TO_STREAM);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void print(Batch batch) {
    try {
      for (int row = 0; row < batch.rows(); row++) {
        json.writeStartObject();
        for (int i = 0; i < names.length; i++) {
          json.writeFieldName(names[i]);
          value(batch.column(i), row);
        }
        json.writeEndObject();
        json.writeRaw('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void value(Column column, int row) throws IOException {
    if (column.isNull(row)) {
      json.writeNull();
      return;
    }
    switch (column.type().kind()) {
      case BOOLEAN, INT, LONG -> json.writeRawValue(text(column, row));
      case FLOAT -> number(column, row, Float.isFinite(((FloatColumn) column).get(row)));
      case DOUBLE -> number(column, row, Double.isFinite(((DoubleColumn) column).get(row)));
      case DECIMAL, DATE, TIME, TIMESTAMP, TIMESTAMPTZ, STRING, UUID, FIXED, BINARY ->
          json.writeString(text(column, row));
    }
  }

  private void number(Column column, int row, boolean finite) throws IOException {
    if (finite) {
      json.writeRawValue(text(column, row));
    } else {
      json.writeString(text(column, row));
    }
  }

  @Override
  public void end() {
    try {
      json.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
