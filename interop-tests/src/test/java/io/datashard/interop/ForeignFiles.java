package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.Batches;
import io.datashard.DataShard;
import io.datashard.Scan;
import io.datashard.Table;
import io.datashard.data.Batch;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.expr.Predicate;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.storage.NewFile;
import io.datashard.storage.ReadableFile;
import io.datashard.testkit.MemoryStorage;
import io.datashard.testkit.RowFilter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Files that other engines wrote, read by ours in every way and compared row by row, in order, with
 * what another engine reads in the same file.
 *
 * <p>A file's flat columns are those of {@link SampleRows#EVERY_TYPE} and of {@code matrix.py},
 * some of which the table knows by a wider type; the table has two columns more, which no file has.
 * Filters are held to {@link RowFilter} over the rows that were read without one.
 */
final class ForeignFiles {
  private static final int FILTERS = 5;

  private final Path folder;
  private final Map<String, Shape.Built> sources = new LinkedHashMap<>();
  private int made;
  private int opinions;

  /**
   * @param writer one of {@code matrix.py} or {@code more_writers.py}
   * @param rows which source: mixed, dense, sparse or edges
   * @param order by which column the rows are sorted, or none
   * @param nested whether nested columns lie between the flat ones
   * @param options as JSON
   * @param refused what the message says by which we refuse the file, or null if we read it
   */
  record File(
      String writer,
      String rows,
      @Nullable String order,
      boolean nested,
      String options,
      @Nullable String refused) {
    @Override
    public String toString() {
      return writer
          + " "
          + rows
          + (order == null ? "" : " by " + order)
          + (nested ? " nested " : " ")
          + options;
    }
  }

  ForeignFiles(Path folder) {
    this.folder = folder;
  }

  private Shape.Built source(String name) {
    return sources.computeIfAbsent(
        name,
        key -> {
          Shape.Built built = new Shape.Built(folder.resolve(key));
          Schema schema =
              Schema.of(SampleRows.EVERY_TYPE.fields().stream().map(Field::asOptional).toList());
          built.create(schema, Map.of());
          built.append(
              switch (key) {
                case "mixed" -> new SampleRows(schema, 51, 0.15, 0.15).take(1_300);
                case "dense" -> new SampleRows(schema, 52, 0, 0.05).take(1_100);
                case "sparse" -> new SampleRows(schema, 53, 0.96, 0.3).take(900);
                case "edges" -> new SampleRows(schema, 54, 0.05, 1).take(600);
                default -> throw new IllegalArgumentException(key);
              });
          return built;
        });
  }

  /** How often another engine read a file. */
  int opinions() {
    return opinions;
  }

  /** Writes it and compares all that we read in it. */
  void check(File file) throws IOException {
    Path target = folder.resolve("f" + ++made + ".parquet");
    JsonNode columns = write(file, target).path("columns");
    if (file.refused != null) {
      Schema schema = schema(columns, false);
      assertThatThrownBy(() -> inTable(schema, target, scan -> lines(scan.parallel(1))))
          .isInstanceOf(UnsupportedTableException.class)
          .hasMessageContaining(file.refused)
          .hasMessageContaining(".parquet");
      Files.delete(target);
      return;
    }
    List<String> truth = new ArrayList<>();
    List<String> refusals = new ArrayList<>();
    for (String reader : List.of("pyarrow", "duckdb")) {
      try {
        List<String> theirs = theirs(reader, target, columns);
        truth = truth.isEmpty() ? theirs : truth;
        requireSame(reader + " and the other reader", schema(columns, false), truth, theirs);
        opinions++;
      } catch (PythonWorker.Failed e) {
        refusals.add(reader + ": " + e.getMessage());
      }
    }
    assertThat(truth).as("nobody reads %s: %s", file, refusals).isNotEmpty();
    if (file.nested) {
      beside(schema(columns, false), target, truth);
    } else {
      List<String> whole =
          truth.stream().map(l -> l + (RowText.SEPARATOR + RowText.NULL).repeat(2)).toList();
      inTable(
          schema(columns, true),
          target,
          scan -> {
            compare(scan, whole);
            return List.of();
          });
    }
    Files.delete(target);
  }

  private JsonNode write(File file, Path target) throws IOException {
    boolean here = List.of("pyarrow", "duckdb", "polars").contains(file.writer);
    Path from = here ? target : folder.resolve("exchange.parquet");
    ObjectNode request =
        PythonWorker.request(here ? "matrix_write" : "matrix_exchange")
            .put("writer", file.writer)
            .put("metadata", source(file.rows).table().metadataLocation())
            .put("target", from.toString())
            .put("order", file.order)
            .put("nested", file.nested);
    JsonNode options = PythonWorker.JSON.readTree(file.options.replace('\'', '"'));
    if (here) {
      request.set("options", options);
    }
    JsonNode answer = PythonWorker.ask(request);
    if (!here) {
      ObjectNode more =
          PythonWorker.request("write")
              .put("writer", file.writer)
              .put("source", from.toString())
              .put("target", target.toString());
      more.set("options", options);
      PythonWorker.askMore(more);
    }
    return answer;
  }

  private static Schema schema(JsonNode columns, boolean withAbsent) {
    Schema.Builder schema = Schema.builder();
    columns.forEach(c -> schema.optional(c.path(0).asText(), Type.parse(c.path(1).asText())));
    if (withAbsent) {
      schema.optional("missing text", Type.STRING).optional("missing number", Type.DOUBLE);
    }
    return schema.build();
  }

  /** The rows that another engine reads. */
  private List<String> theirs(String reader, Path file, JsonNode columns) throws IOException {
    Path lines = folder.resolve("lines");
    ObjectNode request =
        PythonWorker.request("matrix_read")
            .put("path", file.toString())
            .put("lines", lines.toString())
            .put("reader", reader);
    request.set("columns", columns);
    PythonWorker.ask(request);
    String all = Files.readString(lines);
    return Arrays.asList(all.substring(0, all.length() - 1).split("\n", -1));
  }

  private interface Reading {
    List<String> of(Scan scan);
  }

  private void inTable(Schema schema, Path file, Reading reading) {
    Path place = folder.resolve("t" + made);
    try (Table table = DataShard.createTable(place, schema)) {
      table.newAppend().files(file).commit();
      reading.of(table.scan());
    }
    PythonEnv.deleteTree(place);
  }

  private static void compare(Scan scan, List<String> truth) {
    Schema schema = scan.schema();
    requireSame("one thread", schema, truth, lines(scan.parallel(1)));
    requireSame("three threads", schema, truth, lines(scan.parallel(3)));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    try (Stream<Map<String, @Nullable Object>> stream = scan.stream()) {
      stream.forEach(row -> rows.add(new LinkedHashMap<>(row)));
    }
    requireSame("streamed", schema, truth, rows.stream().map(r -> line(schema, r)).toList());
    assertThat(scan.count()).isEqualTo(truth.size());
    Summaries.requireSame(scan);
    RandomFilters random = new RandomFilters(schema, rows, truth.hashCode());
    for (int i = 0; i < FILTERS; i++) {
      Predicate filter = random.next();
      List<String> kept = kept(rows, truth, filter);
      Scan filtered = scan.where(filter);
      requireSame(filter.toString(), schema, kept, lines(filtered.parallel(1 + i % 2 * 2)));
      assertThat(filtered.count()).as(filter.toString()).isEqualTo(kept.size());
      Schema some = Schema.of(List.of(schema.field(i), schema.field(schema.size() - 4 - i)));
      requireSame(
          some + " where " + filter,
          some,
          rows.stream().filter(r -> RowFilter.keeps(filter, r)).map(r -> line(some, r)).toList(),
          lines(filtered.select(some.names()).parallel(1)));
    }
  }

  private static List<String> kept(
      List<Map<String, @Nullable Object>> rows, List<String> truth, Predicate filter) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      if (RowFilter.keeps(filter, rows.get(i))) {
        kept.add(truth.get(i));
      }
    }
    return kept;
  }

  private static List<String> lines(Scan scan) {
    List<String> lines = new ArrayList<>();
    try (Batches batches = scan.batches(500)) {
      for (Batch batch : batches) {
        for (int row = 0; row < batch.rows(); row++) {
          lines.add(RowText.of(batch, row));
        }
      }
    }
    return lines;
  }

  private static String line(Schema schema, Map<String, ? extends @Nullable Object> row) {
    List<String> cells = new ArrayList<>();
    schema.fields().forEach(f -> cells.add(RowText.cell(f.type(), row.get(f.name()))));
    return String.join(String.valueOf(RowText.SEPARATOR), cells);
  }

  /** A table has no nested columns, so the file is read without one. */
  private void beside(Schema schema, Path file, List<String> truth) {
    Map<String, Integer> ids = new LinkedHashMap<>();
    schema.fields().forEach(f -> ids.put(f.name(), f.id()));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    requireSame(
        "beside nested columns",
        schema,
        truth,
        beside(schema, file, ids, new Bound.Constant(true), rows));
    RandomFilters random = new RandomFilters(schema, rows, truth.hashCode());
    for (int i = 0; i < FILTERS; i++) {
      Predicate filter = random.next();
      List<String> found = beside(schema, file, ids, filter.bind(schema), new ArrayList<>());
      requireSame("beside nested: " + filter, schema, kept(rows, truth, filter), found);
    }
  }

  private static List<String> beside(
      Schema schema,
      Path path,
      Map<String, Integer> ids,
      Bound filter,
      List<Map<String, @Nullable Object>> rows) {
    List<String> lines = new ArrayList<>();
    try (ParquetReader reader = ParquetReader.open(inMemory(path), ids);
        BatchReader batches = reader.read(schema, filter, 300, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int row = 0; row < batch.rows(); row++) {
          lines.add(RowText.of(batch, row));
          Map<String, @Nullable Object> map = new LinkedHashMap<>();
          for (int c = 0; c < schema.size(); c++) {
            map.put(schema.field(c).name(), batch.column(c).value(row));
          }
          rows.add(map);
        }
      }
    }
    return lines;
  }

  private static ReadableFile inMemory(Path path) {
    MemoryStorage storage = new MemoryStorage();
    try (NewFile file = storage.create("data/theirs.parquet")) {
      byte[] bytes = Files.readAllBytes(path);
      file.write(bytes, 0, bytes.length);
      file.finish();
      storage.makeDurable(List.of(file));
      return storage.open("data/theirs.parquet", bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same rows in the same order. */
  private static void requireSame(
      String where, Schema schema, List<String> truth, List<String> found) {
    if (truth.equals(found)) {
      return;
    }
    int at = 0;
    while (at < truth.size() && at < found.size() && truth.get(at).equals(found.get(at))) {
      at++;
    }
    throw new AssertionError(
        where
            + ": "
            + truth.size()
            + " rows expected, "
            + found.size()
            + " found; the first that differ, at "
            + at
            + ":\n  expected "
            + shown(schema, truth, at, found)
            + "\n  found    "
            + shown(schema, found, at, truth));
  }

  /** Only the cells that differ. */
  private static String shown(Schema schema, List<String> lines, int at, List<String> others) {
    if (at >= lines.size()) {
      return "none";
    }
    if (at >= others.size()) {
      return RowText.shown(schema, lines.get(at));
    }
    String[] cells = lines.get(at).split(String.valueOf(RowText.SEPARATOR), -1);
    String[] other = others.get(at).split(String.valueOf(RowText.SEPARATOR), -1);
    List<String> differ = new ArrayList<>();
    for (int i = 0; i < cells.length; i++) {
      if (i >= other.length || !cells[i].equals(other[i])) {
        differ.add((i < schema.size() ? schema.field(i).toString() : "?") + " = " + cells[i]);
      }
    }
    return differ.toString();
  }
}
