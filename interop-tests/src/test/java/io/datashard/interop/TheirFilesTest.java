package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.table.Committed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise: Parquet files of other writers are added to a table as they are, and read back row for
 * row, by us and by the foreign readers.
 */
@NeedsPython
class TheirFilesTest {
  /** As the writers see it: no column is declared to be free of nulls. */
  private static final Schema SCHEMA =
      Schema.of(SampleRows.EVERY_TYPE.fields().stream().map(Field::asOptional).toList());

  @TempDir static Path folder;

  private static Shape.Built source = new Shape.Built(Path.of(""));

  /** DuckDB writes -0.0 as 0.0 where a dictionary holds both. */
  private static Shape.Built withoutNegativeZero = source;

  private static int made;

  @BeforeAll
  static void writeSources() {
    List<Map<String, @Nullable Object>> rows = new SampleRows(SCHEMA, 41, 0.15, 0.15).take(2_500);
    source = new Shape.Built(folder.resolve("source"));
    source.create(SCHEMA, Map.of());
    source.append(rows);
    withoutNegativeZero = new Shape.Built(folder.resolve("source without -0.0"));
    withoutNegativeZero.create(SCHEMA, Map.of());
    withoutNegativeZero.append(rows.stream().map(TheirFilesTest::withoutNegativeZero).toList());
  }

  private static Map<String, @Nullable Object> withoutNegativeZero(
      Map<String, @Nullable Object> row) {
    Map<String, @Nullable Object> changed = new LinkedHashMap<>(row);
    changed.replaceAll(
        (name, value) ->
            value instanceof Double d
                ? (Object) (d + 0.0)
                : value instanceof Float f ? f + 0.0f : value);
    return changed;
  }

  /**
   * @param cannot readers that refuse such files, by their own or the writer's fault
   */
  private record Written(String writer, boolean ids, String options, ForeignReader... cannot) {
    @Override
    public String toString() {
      return writer + (ids ? " with ids " : " ") + options;
    }

    Shape.Built source() {
      return writer.equals("duckdb") ? withoutNegativeZero : source;
    }

    Schema schema() {
      return switch (writer) {
        // It has no byte strings of fixed length.
        case "duckdb" -> columnsWithout(Type.Kind.FIXED);
        // It has neither those nor uuids, and its times count nanoseconds.
        case "polars" -> columnsWithout(Type.Kind.FIXED, Type.Kind.UUID, Type.Kind.TIME);
        default -> SCHEMA;
      };
    }
  }

  /** Numbered from 1: iceberg-core's generics take files without ids by position. */
  private static Schema columnsWithout(Type.Kind... kinds) {
    Schema.Builder schema = Schema.builder();
    Shape.without(SCHEMA, kinds).fields().forEach(f -> schema.optional(f.name(), f.type()));
    return schema.build();
  }

  @TestFactory
  Stream<DynamicTest> written() {
    List<Written> all =
        List.of(
            pyarrow(true, "{}"),
            pyarrow(false, "{}"),
            pyarrow(true, "{'compression': 'none', 'use_dictionary': false}"),
            pyarrow(true, "{'data_page_version': '2.0', 'data_page_size': 2000}"),
            pyarrow(false, "{'data_page_version': '2.0', 'compression': 'none'}"),
            pyarrow(false, "{'compression': 'gzip', 'row_group_size': 700}"),
            pyarrow(true, "{'compression': 'zstd', 'data_page_version': '2.0'}"),
            pyarrow(true, "{'compression': 'lz4', 'data_page_size': 1000}"),
            pyarrow(true, "{'write_page_index': true, 'write_page_checksum': true}"),
            pyarrow(true, "{'store_decimal_as_integer': true}"),
            pyarrow(false, "{'version': '1.0'}"),
            pyarrow(false, "{'write_statistics': false}"),
            pyarrow(true, "{'dictionary_pagesize_limit': 300, 'data_page_size': 500}"),
            pyarrow(
                true,
                "{'use_dictionary': false, 'data_page_version': '2.0', 'column_encoding': {"
                    + "'f': 'BYTE_STREAM_SPLIT', 'd': 'BYTE_STREAM_SPLIT', 'fx': 'BYTE_STREAM_SPLIT',"
                    + "'i': 'DELTA_BINARY_PACKED', 'l': 'DELTA_BINARY_PACKED', 'ts': 'DELTA_BINARY_PACKED',"
                    + "'text': 'DELTA_BYTE_ARRAY', 'bin': 'DELTA_LENGTH_BYTE_ARRAY',"
                    + "'kind': 'DELTA_LENGTH_BYTE_ARRAY', 'u': 'DELTA_BYTE_ARRAY', 'flag': 'RLE'}}",
                // Neither reads all of these encodings for byte strings of fixed length.
                ForeignReader.POLARS,
                ForeignReader.DUCKDB),
            pyarrow(
                false,
                "{'use_dictionary': false, 'column_encoding': {'i': 'BYTE_STREAM_SPLIT', 'l':"
                    + " 'BYTE_STREAM_SPLIT', 'dec38': 'BYTE_STREAM_SPLIT', 'k': 'PLAIN'}}",
                ForeignReader.POLARS,
                ForeignReader.DUCKDB),
            duckdb("{}"),
            duckdb("{'COMPRESSION': 'zstd', 'ROW_GROUP_SIZE': 2048}"),
            duckdb("{'COMPRESSION': 'gzip', 'PARQUET_VERSION': 'V2'}"),
            duckdb("{'COMPRESSION': 'lz4_raw', 'DICTIONARY_SIZE_LIMIT': 1}"),
            duckdb(
                "{'COMPRESSION': 'uncompressed', 'PARQUET_VERSION': 'V2', 'DICTIONARY_SIZE_LIMIT': 1}",
                // Differences of ints in more than 32 bits, which pyarrow refuses.
                ForeignReader.PYICEBERG,
                ForeignReader.PANDAS),
            polars("{}"),
            polars("{'compression': 'snappy', 'statistics': 'full', 'data_page_size': 1000}"),
            polars("{'compression': 'gzip', 'statistics': false}"),
            polars("{'compression': 'lz4', 'row_group_size': 600}"),
            polars("{'compression': 'uncompressed'}"));
    return all.stream().map(w -> DynamicTest.dynamicTest(w.toString(), () -> roundTrip(w)));
  }

  private static Written pyarrow(boolean ids, String options, ForeignReader... cannot) {
    return new Written("pyarrow", ids, options, cannot);
  }

  private static Written duckdb(String options, ForeignReader... cannot) {
    return new Written("duckdb", false, options, cannot);
  }

  private static Written polars(String options) {
    return new Written("polars", false, options);
  }

  private void roundTrip(Written written) throws Exception {
    Schema schema = written.schema();
    Shape.Built source = written.source();
    Path file = folder.resolve("file-" + ++made + ".parquet");
    ObjectNode request =
        PythonWorker.request("write_parquet")
            .put("writer", written.writer)
            .put("source", source.table().metadataLocation())
            .put("target", file.toString())
            .put("ids", written.ids);
    request.set("columns", PythonWorker.JSON.valueToTree(schema.names()));
    request.set("options", PythonWorker.JSON.readTree(written.options.replace('\'', '"')));
    PythonWorker.ask(request);

    Answer truth = SampleRows.answer(schema, source.rows());
    try (Table table = DataShard.createTable(folder.resolve("t" + made), schema)) {
      Committed committed = table.newAppend().files(file).commit();
      assertThat(committed.rowsAdded()).isEqualTo(source.rows().size());
      Answer.requireSame("we", schema, truth, OurReader.read(table.scan()));
      List<ForeignReader> cannot = List.of(written.cannot);
      for (ForeignReader reader : ForeignReader.values()) {
        if (cannot.contains(reader)) {
          assertThatThrownBy(() -> reader.read(table.metadataLocation(), schema))
              .isInstanceOf(PythonWorker.Failed.class);
          continue;
        }
        Answer theirs = reader.read(table.metadataLocation(), schema);
        Answer.requireSame(reader.toString(), schema, truth, theirs);
      }
      Summaries.requireSame(table.scan());
      sameFiltered(table, schema, source, cannot);
    }
  }

  /**
   * Statistics taken from a foreign footer are believed by all, so they are held to filters too.
   */
  private static void sameFiltered(
      Table table, Schema schema, Shape.Built source, List<ForeignReader> cannot) {
    RandomFilters random = new RandomFilters(schema, source.rows(), 43);
    for (int i = 0; i < 15; i++) {
      var filter = random.next();
      Answer truth = OurReader.read(source.table().scan().select(schema.names()).where(filter));
      Answer.requireSame(
          filter.toString(), schema, truth, OurReader.read(table.scan().where(filter)));
      Summaries.requireSame(table.scan().where(filter));
      // PyIceberg has no order of uuids where pyarrow left its own type in the file.
      boolean duck =
          i % 2 == 0
              || RandomFilters.ordersUuids(filter, schema)
              || cannot.contains(ForeignReader.PYICEBERG);
      ForeignReader reader = duck ? ForeignReader.DUCKDB : ForeignReader.PYICEBERG;
      if (cannot.contains(reader)) {
        continue;
      }
      Answer theirs = reader.read(table.metadataLocation(), schema, filter, null);
      Answer.requireSame(reader + " " + filter, schema, truth, theirs);
    }
  }

  @Test
  void severalFilesOfSeveralWritersInOneCommit() throws Exception {
    Schema schema = columnsWithout(Type.Kind.FIXED, Type.Kind.UUID, Type.Kind.TIME);
    Shape.Built source = withoutNegativeZero;
    Map<String, Path> files = new LinkedHashMap<>();
    for (String writer : List.of("pyarrow", "duckdb", "polars")) {
      Path file = folder.resolve("from " + writer + ".parquet");
      ObjectNode request =
          PythonWorker.request("write_parquet")
              .put("writer", writer)
              .put("source", source.table().metadataLocation())
              .put("target", file.toString());
      request.set("columns", PythonWorker.JSON.valueToTree(schema.names()));
      PythonWorker.ask(request);
      files.put(writer, file);
    }
    try (Table table = DataShard.createTable(folder.resolve("several"), schema)) {
      table
          .newAppend()
          .rows(source.rows().stream().map(r -> only(schema, r)))
          .files(files.values().toArray(Path[]::new))
          .commit();

      List<Map<String, @Nullable Object>> rows = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        source.rows().forEach(r -> rows.add(only(schema, r)));
      }
      Answer truth = SampleRows.answer(schema, rows);
      Answer.requireSame("we", schema, truth, OurReader.read(table.scan()));
      for (ForeignReader reader : ForeignReader.values()) {
        Answer theirs = reader.read(table.metadataLocation(), schema);
        Answer.requireSame(reader.toString(), schema, truth, theirs);
      }
    }
  }

  private static Map<String, @Nullable Object> only(
      Schema schema, Map<String, @Nullable Object> row) {
    Map<String, @Nullable Object> part = new LinkedHashMap<>(row);
    part.keySet().retainAll(schema.names());
    return part;
  }
}
