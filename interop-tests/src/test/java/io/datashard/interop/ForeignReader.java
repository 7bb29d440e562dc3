package io.datashard.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.expr.Predicate;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.hadoop.HadoopFileIO;
import org.apache.iceberg.hadoop.HadoopTables;
import org.apache.iceberg.io.CloseableIterable;
import org.jspecify.annotations.Nullable;

/** A reader that is not ours, as its users would use it. */
enum ForeignReader {
  /** {@code StaticTable.from_metadata(...).scan().to_arrow()}. */
  PYICEBERG("pyiceberg"),
  /** The same, to a pandas data frame of Arrow-backed columns, which hold every type exactly. */
  PANDAS("pandas"),
  /** {@code polars.scan_iceberg(...)} with the reader that Polars picks. */
  POLARS("polars"),
  /** {@code SELECT * FROM iceberg_scan(...)}. */
  DUCKDB("duckdb"),
  /** {@code HadoopTables} or {@code StaticTableOperations} with {@code IcebergGenerics}. */
  ICEBERG_CORE(null);

  private static final Configuration HADOOP = new Configuration();

  private final @Nullable String inWorker;

  ForeignReader(@Nullable String inWorker) {
    this.inWorker = inWorker;
  }

  /**
   * Reads a table.
   *
   * @param location of its folder or of a metadata file, with or without {@code file://}
   * @param filter which rows; null for all
   * @param snapshot the snapshot's id; null for the current one
   */
  Answer read(String location, Schema schema, @Nullable Predicate filter, @Nullable Long snapshot) {
    return inWorker == null
        ? readByIcebergCore(location, schema, filter, snapshot)
        : readInWorker(inWorker, location, schema, filter, snapshot);
  }

  /** Reads all rows of the current snapshot. */
  Answer read(String location, Schema schema) {
    return read(location, schema, null, null);
  }

  static ArrayNode columns(Schema schema) {
    ArrayNode columns = PythonWorker.JSON.createArrayNode();
    for (Field field : schema.fields()) {
      columns.addArray().add(field.name()).add(field.type().jsonName());
    }
    return columns;
  }

  private static Answer readInWorker(
      String reader,
      String location,
      Schema schema,
      @Nullable Predicate filter,
      @Nullable Long snapshot) {
    ObjectNode request =
        PythonWorker.request("read").put("reader", reader).put("location", location);
    request.set("columns", columns(schema));
    if (filter != null) {
      request.set("filter", FilterJson.of(filter, schema));
    }
    if (snapshot != null) {
      request.put("snapshot", snapshot);
    }
    JsonNode answer = PythonWorker.ask(request);
    return new Answer(
        answer.path("rows").asLong(), answer.path("digest").asText(), () -> dumped(request));
  }

  private static List<String> dumped(ObjectNode request) {
    try {
      Path file = Files.createTempFile("rows", ".txt");
      try {
        PythonWorker.ask(request.deepCopy().put("dump", file.toString()));
        String all = Files.readString(file, StandardCharsets.UTF_8);
        return all.isEmpty()
            ? List.of()
            : List.of(all.substring(0, all.length() - 1).split("\n", -1));
      } finally {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Answer readByIcebergCore(
      String location, Schema schema, @Nullable Predicate filter, @Nullable Long snapshot) {
    Table table =
        location.endsWith(".metadata.json")
            ? new BaseTable(new StaticTableOperations(location, new HadoopFileIO(HADOOP)), location)
            : new HadoopTables(HADOOP).load(location);
    IcebergGenerics.ScanBuilder scan = IcebergGenerics.read(table);
    if (filter != null) {
      scan = scan.where(IcebergFilters.of(filter, schema));
    }
    if (snapshot != null) {
      scan = scan.useSnapshot(snapshot);
    }
    List<String> lines = new ArrayList<>();
    try (CloseableIterable<Record> records = scan.build()) {
      for (Record record : records) {
        lines.add(line(record, schema));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Answer.of(lines);
  }

  private static String line(Record record, Schema schema) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < schema.size(); i++) {
      if (i > 0) {
        line.append(RowText.SEPARATOR);
      }
      line.append(RowText.cell(schema.field(i).type(), record.get(i)));
    }
    return line.toString();
  }
}
