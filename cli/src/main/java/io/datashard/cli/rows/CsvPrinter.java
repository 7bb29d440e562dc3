package io.datashard.cli.rows;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import de.siegmar.fastcsv.writer.QuoteStrategies;
import io.datashard.cli.Output;
import io.datashard.data.Batch;
import io.datashard.data.Column;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/**
 * Rows as CSV with a header, lines ended by LF. Null is an empty field, the empty string is {@code
 * ""}: {@link CsvRows} reads back what was printed.
 */
final class CsvPrinter extends RowPrinter {
  private final CsvWriter csv;
  private final @Nullable String[] fields;

  CsvPrinter(Schema schema, Output out) {
    csv =
        CsvWriter.builder()
            .lineDelimiter(LineDelimiter.LF)
            .quoteStrategy(QuoteStrategies.EMPTY)
            .build(out);
    fields = new @Nullable String[schema.size()];
    csv.writeRecord(schema.names());
  }

  @Override
  public void print(Batch batch) {
    for (int row = 0; row < batch.rows(); row++) {
      for (int i = 0; i < fields.length; i++) {
        Column column = batch.column(i);
        fields[i] = column.isNull(row) ? null : text(column, row);
      }
      csv.writeRecord(fields);
    }
  }

  @Override
  public void end() {
    try {
      csv.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
