package io.datashard.cli;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.table.Snapshot;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** {@code datashard export}: one state as a metadata file, which other engines open. */
final class ExportCommand extends Command {
  private static final String LOCAL = "file://";

  @Override
  protected void declare(Options options) {
    options.about(
        "Writes one state of the table as a metadata file of its own, for engines that see only the"
            + " snapshots which the newest metadata file lists, and prints the file's name. The rows"
            + " stay where they are.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declareSnapshot(options);
    options.text(
        "--to",
        "FILE",
        "Where to; some engines want a name that ends with .metadata.json. Default:"
            + " exports/snapshot-<id>.metadata.json in the table's folder.");
    options.flag("--json", "One JSON object, with the lines by which other engines open the file.");
  }

  @Override
  protected int run(Args args, Console console) {
    ReadOptions what = ReadOptions.snapshotOf(args);
    String to = args.text("--to");
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      Optional<Snapshot> snapshot = what.snapshot(table);
      if (snapshot.isEmpty()) {
        throw new FailedException(
            "There is no snapshot of " + table.location() + " yet: nothing was appended.");
      }
      Path file = to == null ? defaultFile(table, snapshot.get()) : Path.of(to);
      table.exportMetadata(snapshot.get().snapshotId(), file);
      console.out().line(args.has("--json") ? json(snapshot.get(), file) : file.toString());
    }
    return OK;
  }

  private static Path defaultFile(Table table, Snapshot snapshot) {
    if (!table.location().startsWith(LOCAL)) {
      throw new UsageException("--to is needed: the table is not on this machine.");
    }
    return Path.of(
        table.location().substring(LOCAL.length()),
        "exports",
        "snapshot-" + snapshot.snapshotId() + ".metadata.json");
  }

  private static String json(Snapshot snapshot, Path file) {
    Map<String, String> lines = Opened.lines(LOCAL + file.toAbsolutePath().normalize());
    return Json.object(
        json -> {
          json.writeNumberField("snapshot_id", snapshot.snapshotId());
          json.writeStringField("timestamp", snapshot.timestamp().toString());
          json.writeStringField("file", file.toString());
          json.writeObjectFieldStart("open_with");
          for (Map.Entry<String, String> line : lines.entrySet()) {
            json.writeStringField(line.getKey(), line.getValue());
          }
          json.writeEndObject();
        });
  }
}
