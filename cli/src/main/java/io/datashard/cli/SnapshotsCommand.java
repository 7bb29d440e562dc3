package io.datashard.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.cli.rows.TextTable;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** {@code datashard snapshots}: the states the table has had, oldest first. */
final class SnapshotsCommand extends Command {
  private static final boolean[] RIGHT = {true, false, false, true, true, true, true};

  @Override
  protected void declare(Options options) {
    options.about("Lists the states the table has had, oldest first.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    options.flag("--json", "One JSON object a line, with the whole summary.");
  }

  @Override
  protected int run(Args args, Console console) {
    try (Table table = DataShard.loadTable(args.parameter(0));
        Stream<Snapshot> snapshots = table.snapshots()) {
      if (args.has("--json")) {
        snapshots.forEach(
            snapshot -> console.out().line(Json.object(json -> write(snapshot, json))));
      } else {
        new TextTable(
                List.of(
                    "snapshot", "time", "operation", "rows added", "rows removed", "rows", "files"),
                RIGHT,
                console.out())
            .print(snapshots.map(SnapshotsCommand::cells).iterator());
      }
    }
    return OK;
  }

  private static List<String> cells(Snapshot snapshot) {
    Map<String, String> summary = snapshot.summary();
    return List.of(
        Long.toString(snapshot.snapshotId()),
        snapshot.timestamp().toString(),
        snapshot.operation(),
        summary.getOrDefault("added-records", "0"),
        summary.getOrDefault("deleted-records", "0"),
        summary.getOrDefault("total-records", "?"),
        summary.getOrDefault("total-data-files", "?"));
  }

  static void write(Snapshot snapshot, JsonGenerator json) throws IOException {
    json.writeNumberField("snapshot_id", snapshot.snapshotId());
    @Nullable Long parent = snapshot.parentId();
    if (parent == null) {
      json.writeNullField("parent_id");
    } else {
      json.writeNumberField("parent_id", parent);
    }
    json.writeNumberField("sequence_number", snapshot.sequenceNumber());
    json.writeStringField("timestamp", snapshot.timestamp().toString());
    json.writeNumberField("timestamp_ms", snapshot.timestampMillis());
    json.writeStringField("operation", snapshot.operation());
    json.writeStringField("manifest_list", snapshot.manifestList());
    json.writeObjectFieldStart("summary");
    for (Map.Entry<String, String> entry : snapshot.summary().entrySet()) {
      json.writeStringField(entry.getKey(), entry.getValue());
    }
    json.writeEndObject();
  }
}
