package io.datashard.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.rows.TextTable;
import io.datashard.schema.TextValues;
import io.datashard.schema.Type;
import io.datashard.table.ColumnSummary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code datashard summary}: what each column holds, one line a column. */
final class SummaryCommand extends Command {
  private static final boolean[] RIGHT = {false, false, true, true, true, false, false};
  private static final int TEXT_MAX = 40;

  @Override
  protected void declare(Options options) {
    options.about(
        "Prints of each column how many rows, nulls and NaNs there are, and its smallest and largest"
            + " value.%n%nWhat metadata tells exactly is not read.%n");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declare(options);
    options.flag("--json", "One JSON object a line, values as whole texts.");
  }

  @Override
  protected int run(Args args, Console console) {
    ReadOptions what = ReadOptions.of(args);
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      List<ColumnSummary> columns = what.scan(table).summary();
      if (args.has("--json")) {
        for (ColumnSummary column : columns) {
          console.out().line(Json.object(json -> write(column, json)));
        }
      } else {
        List<List<String>> rows = new ArrayList<>();
        columns.forEach(column -> rows.add(cells(column)));
        new TextTable(
                List.of("column", "type", "rows", "nulls", "NaNs", "min", "max"),
                RIGHT,
                console.out())
            .print(rows);
      }
    }
    return OK;
  }

  private static List<String> cells(ColumnSummary column) {
    return List.of(
        column.column(),
        column.type().toString(),
        Long.toString(column.rows()),
        Long.toString(column.nulls()),
        column.type() == Type.FLOAT || column.type() == Type.DOUBLE
            ? Long.toString(column.nans())
            : "",
        shown(column.type(), column.min()),
        shown(column.type(), column.max()));
  }

  private static String shown(Type type, @Nullable Object value) {
    String text = value == null ? "" : TextValues.format(type, value);
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX - 3) + "..." : text;
  }

  private static void write(ColumnSummary column, JsonGenerator json) throws IOException {
    json.writeStringField("column", column.column());
    json.writeStringField("type", column.type().toString());
    json.writeNumberField("rows", column.rows());
    json.writeNumberField("nulls", column.nulls());
    json.writeNumberField("nans", column.nans());
    value("min", column.type(), column.min(), json);
    value("max", column.type(), column.max(), json);
  }

  /** A value that there is none of is left out. */
  private static void value(String name, Type type, @Nullable Object value, JsonGenerator json)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, TextValues.format(type, value));
    }
  }
}
