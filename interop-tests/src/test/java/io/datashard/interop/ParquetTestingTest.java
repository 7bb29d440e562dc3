package io.datashard.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.data.Batch;
import io.datashard.error.CorruptTableException;
import io.datashard.error.UnsupportedTableException;
import io.datashard.expr.Bound;
import io.datashard.internal.parquet.BatchReader;
import io.datashard.internal.parquet.ParquetReader;
import io.datashard.schema.Field;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import io.datashard.schema.Values;
import io.datashard.storage.NewFile;
import io.datashard.storage.ReadableFile;
import io.datashard.testkit.MemoryStorage;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Promise: each file of the repository apache/parquet-testing is read as DuckDB reads it, or
 * refused by an error that names it.
 *
 * <p>Get a copy of the repository and name its folder: {@code -Dparquet.testing=FOLDER}, with
 * {@code -Pslow}. The results are written to {@code target/parquet-testing.md} and held against
 * {@code docs/parquet-testing.md}.
 */
@Tag("slow")
@EnabledIfSystemProperty(named = ParquetTestingTest.FOLDER, matches = ".*")
class ParquetTestingTest {
  static final String FOLDER = "parquet.testing";

  private static final Bound ALL = new Bound.Constant(true);

  @Test
  void everyFileIsReadRightOrRefusedByName() throws IOException, SQLException {
    Path folder = Path.of(System.getProperty(FOLDER)).toAbsolutePath();
    List<Path> files = new ArrayList<>();
    for (String part : List.of("data", "bad_data")) {
      assertThat(folder.resolve(part))
          .as("-D" + FOLDER + " must name a copy of apache/parquet-testing")
          .isDirectory();
      try (Stream<Path> all = Files.list(folder.resolve(part))) {
        all.filter(f -> f.toString().endsWith(".parquet")).sorted().forEach(files::add);
      }
    }
    assertThat(files).as("files of " + folder).hasSizeGreaterThan(50);
    StringBuilder table = new StringBuilder("| file | rows | result |\n|---|---:|---|\n");
    try (Connection duck = DriverManager.getConnection("jdbc:duckdb:")) {
      for (Path file : files) {
        String[] result = result(duck, file);
        String name = folder.relativize(file).toString();
        table.append("| ").append(name).append(" | ");
        table.append(result[0]).append(" | ").append(result[1]).append(" |\n");
      }
    }
    System.out.println(table);
    Files.createDirectories(Path.of("target"));
    Files.writeString(Path.of("target", "parquet-testing.md"), table);
    assertThat(table.toString()).doesNotContain("DIFFERS");
    assertThat(Files.readString(Path.of("..", "docs", "parquet-testing.md")))
        .as("docs/parquet-testing.md should have the table of target/parquet-testing.md")
        .contains(table);
  }

  private static String[] result(Connection duck, Path path) throws IOException {
    byte[] bytes = Files.readAllBytes(path);
    Map<String, Integer> ids = new LinkedHashMap<>();
    long rows;
    List<String> passedOver = new ArrayList<>();
    Schema schema;
    try (ParquetReader reader = ParquetReader.open(file(bytes), Map.of())) {
      rows = reader.rowCount();
      if (reader.footer().hasFieldIds()) {
        schema = reader.footer().schema();
      } else {
        reader.footer().columns().forEach(c -> ids.putIfAbsent(c.name(), ids.size() + 1));
        try (ParquetReader named = ParquetReader.open(file(bytes), ids)) {
          schema = named.footer().schema();
        }
      }
      reader.footer().foreignColumns().forEach(c -> passedOver.add(c.name()));
    } catch (CorruptTableException | UnsupportedTableException e) {
      return new String[] {"", "refused: " + shortened(e)};
    }
    Map<String, List<String>> byOutcome = new TreeMap<>();
    for (Field field : schema.fields()) {
      byOutcome
          .computeIfAbsent(outcome(duck, path, bytes, ids, field), o -> new ArrayList<>())
          .add(field.name());
    }
    List<String> outcomes = new ArrayList<>();
    byOutcome.forEach(
        (outcome, columns) ->
            outcomes.add(byOutcome.size() == 1 ? outcome : named(columns) + outcome));
    if (!passedOver.isEmpty()) {
      outcomes.add("nested or foreign columns passed over: " + passedOver.size());
    }
    return new String[] {"" + rows, String.join("; ", outcomes)};
  }

  private static String named(List<String> columns) {
    return (columns.size() > 5 ? columns.size() + " columns" : String.join(", ", columns)) + ": ";
  }

  private static String outcome(
      Connection duck, Path path, byte[] bytes, Map<String, Integer> ids, Field field) {
    List<String> ours;
    try {
      ours = ours(bytes, ids, field);
    } catch (CorruptTableException | UnsupportedTableException e) {
      return "refused: " + shortened(e);
    }
    List<String> theirs;
    try {
      theirs = theirs(duck, path, field);
    } catch (SQLException e) {
      return "read; DuckDB refuses it";
    }
    if (ours.equals(theirs)) {
      return "as DuckDB";
    }
    int at = 0;
    while (at < ours.size() && at < theirs.size() && ours.get(at).equals(theirs.get(at))) {
      at++;
    }
    return "DIFFERS in row "
        + at
        + " of "
        + ours.size()
        + " and "
        + theirs.size()
        + ": "
        + (at < ours.size() ? ours.get(at) : "none")
        + ", DuckDB: "
        + (at < theirs.size() ? theirs.get(at) : "none");
  }

  private static String shortened(Exception e) {
    String message = String.valueOf(e.getMessage());
    assertThat(message).contains("data/theirs.parquet");
    String what = message.replaceFirst(".*data/theirs.parquet[,:]? ?", "");
    return what.replaceFirst(": DataShard does not read that.*", "")
        .replaceFirst("\\. (Restore|Write it again).*", "")
        .replace('|', '/');
  }

  private static List<String> ours(byte[] bytes, Map<String, Integer> ids, Field field) {
    Schema wanted = Schema.of(List.of(field));
    List<String> rows = new ArrayList<>();
    try (ParquetReader reader = ParquetReader.open(file(bytes), ids);
        BatchReader batches = reader.read(wanted, ALL, 1_000, 0, reader.rowGroupCount())) {
      for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
        for (int row = 0; row < batch.rows(); row++) {
          rows.add(text(field.type(), batch.column(0).value(row)));
        }
      }
      assertThat((long) rows.size()).isEqualTo(reader.rowCount());
    }
    return rows;
  }

  private static String text(Type type, Object value) {
    if (value == null) {
      return "null";
    }
    return switch (type.kind()) {
      case FLOAT, DOUBLE -> Double.toString(((Number) value).doubleValue());
      case DATE -> "" + ((LocalDate) value).toEpochDay();
      case TIME -> "" + Values.micros((LocalTime) value);
      case TIMESTAMP -> "" + Values.micros((LocalDateTime) value);
      case TIMESTAMPTZ -> "" + Values.micros((Instant) value);
      case DECIMAL -> ((BigDecimal) value).toPlainString();
      case STRING -> hex(((String) value).getBytes(StandardCharsets.UTF_8));
      case FIXED, BINARY -> hex((byte[]) value);
      default -> value.toString();
    };
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().withUpperCase().formatHex(bytes);
  }

  private static List<String> theirs(Connection duck, Path path, Field field) throws SQLException {
    String name = '"' + field.name().replace("\"", "\"\"") + '"';
    String expression =
        switch (field.type().kind()) {
          case DATE -> "datediff('day', DATE '1970-01-01', " + name + ")";
          case TIME, TIMESTAMP, TIMESTAMPTZ -> "epoch_us(" + name + ")";
          case STRING, FIXED, BINARY -> "hex(" + name + ")";
          case UUID -> name + "::VARCHAR";
          case DECIMAL -> name + "::" + field.type().toString().toUpperCase(java.util.Locale.ROOT);
          default -> name;
        };
    List<String> rows = new ArrayList<>();
    try (Statement statement = duck.createStatement();
        ResultSet result =
            statement.executeQuery("SELECT " + expression + " FROM read_parquet('" + path + "')")) {
      while (result.next()) {
        Object value =
            switch (field.type().kind()) {
              case FLOAT, DOUBLE -> result.getDouble(1);
              case DECIMAL -> result.getBigDecimal(1);
              case BOOLEAN -> result.getBoolean(1);
              case STRING, FIXED, BINARY, UUID -> result.getString(1);
              default -> result.getLong(1);
            };
        boolean none = result.wasNull() || value == null;
        rows.add(none ? "null" : value instanceof BigDecimal d ? d.toPlainString() : "" + value);
      }
    }
    return rows;
  }

  private static ReadableFile file(byte[] bytes) {
    MemoryStorage storage = new MemoryStorage();
    try (NewFile file = storage.create("data/theirs.parquet")) {
      file.write(bytes, 0, bytes.length);
      file.finish();
      storage.makeDurable(List.of(file));
    }
    return storage.open("data/theirs.parquet", bytes.length);
  }
}
