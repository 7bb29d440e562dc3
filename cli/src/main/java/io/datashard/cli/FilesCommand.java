package io.datashard.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Field;
import io.datashard.schema.PartitionSpec;
import io.datashard.schema.Schema;
import io.datashard.schema.TextValues;
import io.datashard.table.ColumnMetrics;
import io.datashard.table.DataFile;
import io.datashard.table.ManifestFile;
import io.datashard.table.Snapshot;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** {@code datashard files}: the data files of a snapshot, or its manifests. */
final class FilesCommand extends Command {
  @Override
  protected void declare(Options options) {
    options.about(
        "Lists the data files of a snapshot: path, rows, bytes, partition, and for each column its"
            + " lowest and highest value and how many are null.");
    options.parameter("LOCATION", "The table's folder or file: URI.");
    ReadOptions.declareSnapshot(options);
    options.flag("--manifests", "Lists the manifests instead.");
    options.flag("--json", "One JSON object a line.");
  }

  @Override
  protected int run(Args args, Console console) {
    ReadOptions what = ReadOptions.snapshotOf(args);
    boolean asJson = args.has("--json");
    try (Table table = DataShard.loadTable(args.parameter(0))) {
      Optional<Snapshot> snapshot = what.snapshot(table);
      if (snapshot.isEmpty()) {
        console.say("There is no snapshot yet: nothing was appended.");
      } else if (args.has("--manifests")) {
        Function<ManifestFile, String> form =
            asJson ? FilesCommand::manifestJson : FilesCommand::manifestText;
        try (Stream<ManifestFile> manifests = table.manifests(snapshot.get())) {
          manifests.map(form).forEach(console.out()::line);
        }
      } else {
        Schema schema = table.schema();
        List<PartitionSpec> specs = table.partitionSpecs();
        Function<DataFile, String> form =
            file ->
                asJson
                    ? fileJson(file, schema, specOf(file, specs))
                    : fileText(file, schema, specOf(file, specs));
        try (Stream<DataFile> files = table.dataFiles(snapshot.get())) {
          files.map(form).forEach(console.out()::line);
        }
      }
    }
    return OK;
  }

  private static PartitionSpec specOf(DataFile file, List<PartitionSpec> specs) {
    return specs.stream().filter(spec -> spec.id() == file.specId()).findFirst().orElseThrow();
  }

  private static String manifestText(ManifestFile manifest) {
    ManifestFile.Counts counts = manifest.counts();
    return String.format(
        Locale.ROOT,
        "%s  %,d bytes  %s, sequence number %d, files: %d added, %d existing, %d deleted",
        manifest.location(),
        manifest.lengthBytes(),
        manifest.content() == ManifestFile.Content.DATA ? "data" : "deletes",
        manifest.sequenceNumber(),
        counts.addedFiles(),
        counts.existingFiles(),
        counts.deletedFiles());
  }

  private static String manifestJson(ManifestFile manifest) {
    ManifestFile.Counts counts = manifest.counts();
    return Json.object(
        json -> {
          json.writeStringField("path", manifest.location());
          json.writeNumberField("bytes", manifest.lengthBytes());
          json.writeStringField("content", manifest.content().name().toLowerCase(Locale.ROOT));
          json.writeNumberField("partition_spec_id", manifest.specId());
          json.writeNumberField("sequence_number", manifest.sequenceNumber());
          json.writeNumberField("min_sequence_number", manifest.minSequenceNumber());
          json.writeNumberField("added_snapshot_id", manifest.addedSnapshotId());
          json.writeNumberField("added_files", counts.addedFiles());
          json.writeNumberField("existing_files", counts.existingFiles());
          json.writeNumberField("deleted_files", counts.deletedFiles());
          json.writeNumberField("added_rows", counts.addedRows());
          json.writeNumberField("existing_rows", counts.existingRows());
          json.writeNumberField("deleted_rows", counts.deletedRows());
        });
  }

  private static String fileText(DataFile file, Schema schema, PartitionSpec spec) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s  %,d rows  %,d bytes",
            file.location(),
            file.recordCount(),
            file.fileSizeBytes()));
    if (!file.partition().isEmpty()) {
      text.append("  partition ").append(spec.partitionText(schema, file.partition()));
    }
    for (Field field : schema.fields()) {
      ColumnMetrics metrics = file.column(field);
      text.append("\n    ").append(field.name()).append(": ");
      Optional<Object> lower = file.lowerBound(field);
      Optional<Object> upper = file.upperBound(field);
      if (lower.isEmpty() && upper.isEmpty()) {
        text.append("no bounds");
      } else {
        text.append(lower.map(value -> shown(field, value)).orElse("?"));
        text.append(" .. ").append(upper.map(value -> shown(field, value)).orElse("?"));
      }
      text.append(metrics.nullCount() > 0 ? ", " + metrics.nullCount() + " null" : "");
      text.append(metrics.nanCount() > 0 ? ", " + metrics.nanCount() + " NaN" : "");
    }
    return text.toString();
  }

  private static String shown(Field field, Object value) {
    String text = TextValues.format(field.type(), value);
    return text.length() > 40 ? text.substring(0, 37) + "..." : text;
  }

  private static String fileJson(DataFile file, Schema schema, PartitionSpec spec) {
    return Json.object(
        json -> {
          json.writeStringField("path", file.location());
          json.writeStringField("format", file.format());
          json.writeNumberField("rows", file.recordCount());
          json.writeNumberField("bytes", file.fileSizeBytes());
          json.writeNumberField("partition_spec_id", file.specId());
          json.writeObjectFieldStart("partition");
          for (int i = 0; i < file.partition().size(); i++) {
            Object value = file.partition().get(i);
            json.writeStringField(
                spec.fields().get(i).name(),
                value == null ? null : spec.valueText(schema, i, value));
          }
          json.writeEndObject();
          if (file.sortOrderId() != null) {
            json.writeNumberField("sort_order_id", file.sortOrderId());
          }
          json.writeObjectFieldStart("columns");
          for (Field field : schema.fields()) {
            json.writeObjectFieldStart(field.name());
            column(file, field, json);
            json.writeEndObject();
          }
          json.writeEndObject();
        });
  }

  private static void column(DataFile file, Field field, JsonGenerator json) throws IOException {
    ColumnMetrics metrics = file.column(field);
    count("bytes", metrics.sizeBytes(), json);
    count("values", metrics.valueCount(), json);
    count("nulls", metrics.nullCount(), json);
    count("nans", metrics.nanCount(), json);
    bound("lower", file.lowerBound(field), field, json);
    bound("upper", file.upperBound(field), field, json);
  }

  /** What is not recorded is left out, not told as a number. */
  private static void count(String name, long count, JsonGenerator json) throws IOException {
    if (count >= 0) {
      json.writeNumberField(name, count);
    }
  }

  private static void bound(String name, Optional<Object> bound, Field field, JsonGenerator json)
      throws IOException {
    if (bound.isPresent()) {
      json.writeStringField(name, TextValues.format(field.type(), bound.get()));
    }
  }
}
