package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.rows.TextTable;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.SchemaJson;
import io.datashard.table.KnownSources;
import io.datashard.table.Snapshot;
import io.datashard.table.TableHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code datashard describe}: columns, state, properties, and how other engines open it. */
final class DescribeCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Shows columns, state and properties, and the lines by which PyIceberg, Polars and DuckDB"
            + " open the table.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    options.flag("--json", "One JSON object on one line.");
  }

  /** What is told, all of one moment as far as the table lets us. */
  private record State(
      String location,
      String uuid,
      long version,
      String metadataLocation,
      Schema schema,
      String partitionedBy,
      String sortedBy,
      Map<String, String> properties,
      @Nullable Snapshot snapshot,
      TableHistory history,
      KnownSources sources,
      Map<String, String> byMetadata,
      Map<String, String> byFolder) {

    static State of(Table table) {
      String metadata = table.metadataLocation();
      return new State(
          table.location(),
          table.uuid().toString(),
          table.version(),
          metadata,
          table.schema(),
          table.partitionSpec().text(table.schema()),
          table.sortOrder().text(table.schema()),
          new TreeMap<>(table.properties()),
          table.currentSnapshot().orElse(null),
          table.history(),
          table.knownSources(),
          Opened.lines(metadata),
          Opened.lines(table.location()));
    }

    String total(String key) {
      return snapshot == null ? "0" : snapshot.summary().getOrDefault(key, "?");
    }
  }

  @Override
  protected int run(Args args, Console console) {
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      State state = State.of(table);
      if (args.has("--json")) {
        console.out().line(json(state));
      } else {
        print(state, console.out());
      }
    }
    return OK;
  }

  private static String json(State state) {
    return Json.object(
        json -> {
          json.writeStringField("location", state.location());
          json.writeStringField("uuid", state.uuid());
          json.writeNumberField("version", state.version());
          json.writeStringField("metadata_location", state.metadataLocation());
          json.writeFieldName("schema");
          SchemaJson.write(state.schema(), json);
          json.writeStringField("partitioned_by", state.partitionedBy());
          json.writeStringField("sorted_by", state.sortedBy());
          json.writeObjectFieldStart("properties");
          for (Map.Entry<String, String> entry : state.properties().entrySet()) {
            json.writeStringField(entry.getKey(), entry.getValue());
          }
          json.writeEndObject();
          TableHistory history = state.history();
          json.writeNumberField("snapshots", history.snapshots());
          json.writeObjectFieldStart("history");
          json.writeNumberField("listed", history.listed());
          json.writeNumberField("archived", history.archived());
          json.writeNumberField("archive_files", history.archiveFiles());
          json.writeNumberField("archive_bytes", history.archiveBytes());
          json.writeEndObject();
          json.writeObjectFieldStart("sources");
          json.writeNumberField("known", state.sources().known());
          json.writeNumberField("forgotten", state.sources().forgotten());
          json.writeEndObject();
          if (state.snapshot() == null) {
            json.writeNullField("current_snapshot");
          } else {
            json.writeObjectFieldStart("current_snapshot");
            SnapshotsCommand.write(state.snapshot(), json);
            json.writeEndObject();
          }
          json.writeObjectFieldStart("open_with");
          for (Map.Entry<String, String> line : state.byMetadata().entrySet()) {
            json.writeStringField(line.getKey(), line.getValue());
            json.writeStringField(
                line.getKey() + "_folder", state.byFolder().getOrDefault(line.getKey(), ""));
          }
          json.writeEndObject();
        });
  }

  private static void print(State state, Output out) {
    out.line("location   " + state.location());
    out.line("uuid       " + state.uuid());
    out.line("version    " + state.version() + "  " + state.metadataLocation());
    Snapshot snapshot = state.snapshot();
    out.line(
        "snapshot   "
            + (snapshot == null
                ? "none: nothing was appended yet"
                : snapshot.snapshotId()
                    + " of "
                    + snapshot.timestamp()
                    + ", the last of "
                    + String.format(Locale.ROOT, "%,d", state.history().snapshots())));
    printHistory(state.history(), out);
    KnownSources sources = state.sources();
    if (sources.known() > 0) {
      out.line(
          String.format(
              Locale.ROOT,
              "sources    %,d are known, %,d were forgotten: appends that come once",
              sources.known(),
              sources.forgotten()));
    }
    out.line(
        "rows       "
            + grouped(state.total("total-records"))
            + " in "
            + grouped(state.total("total-data-files"))
            + " files of "
            + grouped(state.total("total-files-size"))
            + " bytes");
    out.line("");
    List<List<String>> columns = new ArrayList<>();
    for (Field field : state.schema().fields()) {
      columns.add(
          List.of(
              Integer.toString(field.id()),
              field.name(),
              field.type().toString(),
              field.required() ? "required" : "optional",
              field.doc() == null ? "" : field.doc()));
    }
    new TextTable(
            List.of("id", "column", "type", "null", "meaning"),
            new boolean[] {true, false, false, false, false},
            out)
        .print(columns);
    out.line("");
    out.line("partitions " + state.partitionedBy());
    out.line("sorted     " + state.sortedBy());
    out.line("");
    state.properties().forEach((key, value) -> out.line(key + " = " + value));
    out.line("");
    out.line("Open this state in other engines (PyIceberg and Polars: Python; DuckDB: SQL):");
    state.byMetadata().values().forEach(line -> out.line("  " + line));
    out.line("Or whatever is newest, by the folder:");
    state.byFolder().values().forEach(line -> out.line("  " + line));
  }

  private static void printHistory(TableHistory history, Output out) {
    if (history.archived() > 0) {
      out.line(
          String.format(
              Locale.ROOT,
              "history    %,d snapshots are listed, which other engines see; %,d older ones are"
                  + " archived in %,d files of %,d bytes",
              history.listed(),
              history.archived(),
              history.archiveFiles(),
              history.archiveBytes()));
    }
  }

  private static String grouped(String digits) {
    return digits.matches("[0-9]{1,18}")
        ? String.format(Locale.ROOT, "%,d", Long.parseLong(digits))
        : digits;
  }
}
