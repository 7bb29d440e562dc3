package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.NewTable;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.SchemaJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** {@code datashard create}: a new table, or the one that is there with the same columns. */
final class CreateCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Creates a table, or opens the one that is there if its columns are the same (and"
            + " --partition and --sort, if given). Prints one JSON line.");
    options.parameter("LOCATION", "The folder to be the table's; need not exist yet.");
    options.text("--schema", "FILE.json", "The columns as Iceberg schema JSON.");
    options.texts(
        "--column",
        "\"NAME TYPE [required]\"",
        "One column, such as \"user_id long required\" or \"amount decimal(9,2)\"; repeat it."
            + " Without 'required', null is allowed. Types: boolean, int, long, float, double,"
            + " decimal(P,S), date, time, timestamp, timestamptz, string, uuid, fixed[L], binary.");
    options.texts(
        "--partition",
        "FIELD",
        "Divides rows among files, so that scans with a filter on the column read few: a column, or"
            + " day(ts), hour(ts), month(ts), year(ts), bucket(16, user_id), truncate(4, code);"
            + " repeat it or write several with commas. \"day(ts) as d\" names the field.");
    options.texts(
        "--sort",
        "FIELD",
        "Sorts the rows of each file: \"ts\", \"ts desc\", \"day(ts) desc nulls last\"; repeat it or"
            + " write several with commas.");
    options.texts(
        "--property",
        "KEY=VALUE",
        "A table property; repeat it. datashard.durability is fsync (appends survive power cuts,"
            + " the default) or os (they survive kill -9, nothing is synced), and for good.");
    options.flag("--must-be-new", "Fails if there is a table already.");
  }

  @Override
  protected int run(Args args, Console console) throws IOException {
    NewTable planned = DataShard.newTable(args.parameter(0), schema(args));
    for (String property : args.texts("--property")) {
      int equals = property.indexOf('=');
      if (equals < 1) {
        throw new UsageException("--property must be KEY=VALUE, got '" + property + "'.");
      }
      planned.property(property.substring(0, equals), property.substring(equals + 1));
    }
    layOut(planned, args);
    if (args.has("--must-be-new")) {
      planned.mustBeNew();
    }
    try (Table table = planned.create()) {
      console
          .out()
          .line(
              Json.object(
                  json -> {
                    json.writeStringField("location", table.location());
                    json.writeBooleanField("created", table.wasCreated());
                    json.writeNumberField("version", table.version());
                    json.writeStringField("uuid", table.uuid().toString());
                    json.writeFieldName("schema");
                    SchemaJson.write(table.schema(), json);
                    json.writeStringField(
                        "partitioned_by", table.partitionSpec().text(table.schema()));
                    json.writeStringField("sorted_by", table.sortOrder().text(table.schema()));
                  }));
    }
    return OK;
  }

  private static void layOut(NewTable planned, Args args) {
    List<String> partition = args.texts("--partition");
    List<String> sort = args.texts("--sort");
    try {
      if (!partition.isEmpty()) {
        planned.partitionedBy(partition.toArray(String[]::new));
      }
      if (!sort.isEmpty()) {
        planned.sortedBy(sort.toArray(String[]::new));
      }
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  private static Schema schema(Args args) throws IOException {
    String file = args.text("--schema");
    List<String> columns = args.texts("--column");
    if (file != null && !columns.isEmpty()) {
      throw new UsageException("--schema and --column exclude each other.");
    }
    if (file == null && columns.isEmpty()) {
      throw new UsageException(
          "the columns are missing: give --schema FILE.json, or --column \"NAME TYPE [required]\""
              + " for each.");
    }
    if (file == null) {
      return ColumnText.schema(columns);
    }
    try {
      return Schema.fromJson(Files.readString(Path.of(file)));
    } catch (IllegalArgumentException e) {
      throw new FailedException(file + ": " + e.getMessage(), e);
    }
  }
}
