package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Promise: whatever way another engine writes columns that are not nested, our engine reads the
 * rows that other readers read. Every codec, encoding, page version, size of pages and row groups,
 * with and without page index and statistics, with every other; always a few of each kind, and all
 * or, of pyarrow, each two together in the slow suite. See {@link ForeignFiles}.
 */
@NeedsPython
class ForeignWritersTest {
  private static final List<String> ROWS = List.of("mixed", "dense", "sparse", "edges");

  @TempDir static Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"pyarrow", "duckdb", "polars"})
  void someOfEachKind(String writer) throws IOException {
    checkAll(fewOfEachKind(axes(writer)), writer);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"pyarrow", "duckdb", "polars"})
  void everyWayWithEveryOther(String writer) throws IOException {
    // pyarrow has thousands.
    checkAll(writer.equals("pyarrow") ? everyTwo(axes(writer)) : everyWay(axes(writer)), writer);
  }

  /** Large: {@code requirements-more.txt}. */
  @Tag("slow")
  @NeedsPython(more = true)
  @ParameterizedTest
  @ValueSource(strings = {"clickhouse", "fastparquet", "spark"})
  void everyWayOfLargerWriters(String writer) throws IOException {
    checkAll(everyWay(axes(writer)), writer);
  }

  /** A codec without a decoder here is refused, and the message names it. */
  @Test
  void brotliIsRefusedByName() throws IOException {
    new ForeignFiles(folder)
        .check(
            new ForeignFiles.File(
                "pyarrow", "mixed", null, false, "{'compression': 'brotli'}", "BROTLI"));
  }

  private static void checkAll(List<List<String>> ways, String writer) throws IOException {
    ForeignFiles files = new ForeignFiles(folder.resolve(writer));
    List<String> wrong = new ArrayList<>();
    Random random = new Random(71);
    for (List<String> way : ways) {
      List<String> options = new ArrayList<>(way);
      options.removeIf(String::isEmpty);
      String rows = ROWS.get(random.nextInt(ROWS.size()));
      String order = List.of("", "l", "text").get(random.nextInt(3));
      ForeignFiles.File file =
          new ForeignFiles.File(
              writer,
              rows,
              order.isEmpty() ? null : order,
              random.nextInt(6) == 0 && !writer.equals("fastparquet"),
              "{" + String.join(", ", options) + "}",
              null);
      try {
        files.check(file);
      } catch (AssertionError | RuntimeException e) {
        wrong.add(file + "\n" + e);
      }
    }
    System.out.println(writer + ": " + ways.size() + " files, read by " + files.opinions());
    assertThat(wrong.size())
        .as(String.join("\n\n", wrong.subList(0, Math.min(8, wrong.size()))))
        .isZero();
    assertThat(files.opinions()).as("readings by others").isGreaterThan(ways.size() * 3 / 2);
  }

  private static List<List<String>> axes(String writer) {
    return switch (writer) {
      case "pyarrow" ->
          List.of(
              of("compression", "none", "snappy", "gzip", "zstd", "lz4"),
              List.of(
                  "",
                  "'dictionary_pagesize_limit': 2000",
                  "'encodings': 'PLAIN'",
                  "'encodings': 'DELTA'",
                  "'encodings': 'DELTA_LENGTH'",
                  "'encodings': 'SPLIT'"),
              of("data_page_version", "1.0", "2.0"),
              List.of(
                  "",
                  "'data_page_size': 500, 'write_batch_size': 64",
                  "'data_page_size': 3000, 'write_batch_size': 200, 'row_group_size': 450"),
              List.of(
                  "",
                  "'write_page_index': true",
                  "'write_page_index': true, 'write_page_checksum': true",
                  "'write_statistics': false"),
              List.of(
                  "",
                  "'use_deprecated_int96_timestamps': true",
                  "'store_decimal_as_integer': true",
                  "'version': '2.4'"));
      case "duckdb" ->
          List.of(
              of("COMPRESSION", "uncompressed", "snappy", "gzip", "zstd", "lz4_raw"),
              of("PARQUET_VERSION", "V1", "V2"),
              List.of("", "'DICTIONARY_SIZE_LIMIT': 1", "'DICTIONARY_SIZE_LIMIT': 100000"),
              List.of("", "'ROW_GROUP_SIZE': 2048", "'STRING_DICTIONARY_PAGE_SIZE_LIMIT': 1000"),
              List.of(
                  "", "'WRITE_BLOOM_FILTER': false", "'BLOOM_FILTER_FALSE_POSITIVE_RATIO': 0.5"));
      case "polars" ->
          List.of(
              of("compression", "uncompressed", "snappy", "gzip", "zstd", "lz4"),
              List.of("", "'data_page_size': 400", "'data_page_size': 3000"),
              List.of("", "'row_group_size': 333"),
              List.of("", "'statistics': false", "'statistics': 'full'"));
      case "clickhouse" ->
          List.of(
              of(
                  "output_format_parquet_compression_method",
                  "none",
                  "snappy",
                  "gzip",
                  "zstd",
                  "lz4"),
              List.of(
                  "",
                  "'output_format_parquet_data_page_size': 500, 'output_format_parquet_batch_size': 64"),
              List.of("", "'output_format_parquet_row_group_size': 400"),
              List.of("", "'output_format_parquet_max_dictionary_size': 0"),
              List.of(
                  "",
                  "'output_format_parquet_write_page_index': 0, 'output_format_parquet_write_bloom_filter': 0"),
              List.of("", "'output_format_parquet_string_as_string': 0"));
      case "fastparquet" ->
          List.of(
              of("compression", "UNCOMPRESSED", "SNAPPY", "GZIP", "ZSTD", "LZ4_RAW"),
              List.of("", "'row_group_offsets': 400"),
              List.of("", "'stats': false"));
      case "spark" ->
          List.of(
              of("compression", "none", "snappy", "gzip", "zstd", "lz4_raw"),
              List.of(
                  "'spark.sql.parquet.outputTimestampType': 'INT96',"
                      + " 'spark.sql.parquet.writeLegacyFormat': 'true'",
                  "'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MICROS'",
                  "'spark.sql.parquet.outputTimestampType': 'TIMESTAMP_MILLIS'"),
              List.of("", "'parquet.writer.version': 'PARQUET_2_0'"),
              List.of(
                  "",
                  "'parquet.page.size': '600', 'parquet.page.row.count.limit': '100'",
                  "'parquet.block.size': '40000', 'parquet.page.size': '3000'"),
              List.of("", "'parquet.enable.dictionary': 'false'"));
      default -> throw new IllegalArgumentException(writer);
    };
  }

  private static List<String> of(String option, String... values) {
    return java.util.Arrays.stream(values).map(v -> "'" + option + "': '" + v + "'").toList();
  }

  private static List<List<String>> everyWay(List<List<String>> axes) {
    List<List<String>> ways = List.of(List.of());
    for (List<String> axis : axes) {
      List<List<String>> longer = new ArrayList<>();
      for (List<String> way : ways) {
        for (String choice : axis) {
          List<String> more = new ArrayList<>(way);
          more.add(choice);
          longer.add(more);
        }
      }
      ways = longer;
    }
    return ways;
  }

  /** So many that each choice of each axis occurs twice at least. */
  private static List<List<String>> fewOfEachKind(List<List<String>> axes) {
    return some(
        axes,
        2,
        way -> {
          List<String> choices = new ArrayList<>();
          for (int axis = 0; axis < way.size(); axis++) {
            choices.add(axis + way.get(axis));
          }
          return choices;
        });
  }

  /** So many that each two choices of two axes meet six times at least. */
  private static List<List<String>> everyTwo(List<List<String>> axes) {
    return some(
        axes,
        6,
        way -> {
          List<String> pairs = new ArrayList<>();
          for (int axis = 0; axis < way.size(); axis++) {
            for (int other = 0; other < axis; other++) {
              pairs.add(axis + way.get(axis) + other + way.get(other));
            }
          }
          return pairs;
        });
  }

  private static List<List<String>> some(
      List<List<String>> axes, int times, Function<List<String>, List<String>> features) {
    List<List<String>> all = new ArrayList<>(everyWay(axes));
    Collections.shuffle(all, new Random(73));
    Map<String, Integer> seen = new HashMap<>();
    List<List<String>> some = new ArrayList<>();
    for (List<String> way : all) {
      List<String> shown = features.apply(way);
      if (shown.stream().anyMatch(f -> seen.getOrDefault(f, 0) < times)) {
        some.add(way);
        shown.forEach(f -> seen.merge(f, 1, Integer::sum));
      }
    }
    return some;
  }
}
