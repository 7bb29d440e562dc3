package io.datashard.dataframe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.error.InvalidRowException;
import io.datashard.error.SchemaMismatchException;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dflib.DataFrame;
import org.dflib.DoubleSeries;
import org.dflib.IntSeries;
import org.dflib.LongSeries;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFramesTest {
  private static final Schema SCHEMA =
      Schema.builder()
          .required("id", Type.LONG)
          .required("n", Type.INT)
          .optional("score", Type.DOUBLE)
          .required("name", Type.STRING)
          .required("day", Type.DATE)
          .optional("price", Type.decimal(9, 2))
          .optional("at", Type.TIMESTAMPTZ)
          .build();

  @TempDir Path folder;

  private static Map<String, Object> row(int i) {
    Map<String, Object> row = new HashMap<>();
    row.put("id", (long) i);
    row.put("n", -i);
    row.put("score", i % 3 == 0 ? null : i / 2.0);
    row.put("name", "name " + i % 7);
    row.put("day", LocalDate.ofEpochDay(i));
    row.put("price", new BigDecimal(i + ".25"));
    row.put("at", i % 2 == 0 ? null : Instant.ofEpochSecond(i));
    return row;
  }

  private Table tableOf(int rows) {
    Table table = DataShard.createTable(folder.resolve("t" + rows), SCHEMA);
    List<Map<String, Object>> all = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      all.add(row(i));
    }
    table.append(all.subList(0, rows / 2));
    table.append(all.subList(rows / 2, rows));
    return table;
  }

  @Test
  void wholeScanWithTypedColumns() {
    try (Table table = tableOf(1000)) {
      DataFrame frame = DataFrames.of(table.scan());
      assertThat(frame.height()).isEqualTo(1000);
      assertThat(frame.getColumnsIndex().toArray())
          .containsExactly("id", "n", "score", "name", "day", "price", "at");
      assertThat((Object) frame.getColumn("id")).isInstanceOf(LongSeries.class);
      assertThat((Object) frame.getColumn("n")).isInstanceOf(IntSeries.class);
      assertThat((Object) frame.getColumn("score")).isNotInstanceOf(DoubleSeries.class);
      for (int i = 0; i < 1000; i++) {
        for (Map.Entry<String, Object> cell : row(i).entrySet()) {
          Object found = frame.getColumn(cell.getKey()).get(i);
          assertThat(found).as("row %d, %s", i, cell.getKey()).isEqualTo(cell.getValue());
        }
      }
    }
  }

  @Test
  void filterColumnsAndLimitAreTheScans() {
    try (Table table = tableOf(100)) {
      DataFrame frame =
          DataFrames.of(
              table.scan().where("score is not null").select("score", "id").limit(10).parallel(2));
      assertThat(frame.height()).isEqualTo(10);
      assertThat(frame.getColumnsIndex().toArray()).containsExactly("score", "id");
      assertThat((Object) frame.getColumn("score")).isInstanceOf(DoubleSeries.class);
      assertThat((Object) frame.getColumn("id").get(0)).isEqualTo(1L);
    }
  }

  @Test
  void chunksAreOfTheWishedSize() {
    try (Table table = tableOf(1000);
        Chunks chunks = DataFrames.chunks(table.scan().select("id"), 300)) {
      List<Integer> heights = new ArrayList<>();
      long next = 0;
      while (chunks.hasNext()) {
        DataFrame frame = chunks.next();
        heights.add(frame.height());
        for (int i = 0; i < frame.height(); i++) {
          assertThat((Object) frame.getColumn("id").get(i)).isEqualTo(next++);
        }
      }
      assertThat(heights).containsExactly(300, 300, 300, 100);
    }
  }

  @Test
  void emptyTableIsAnEmptyFrameWithColumns() {
    try (Table table = DataShard.createTable(folder.resolve("empty"), SCHEMA)) {
      DataFrame frame = DataFrames.of(table.scan());
      assertThat(frame.height()).isZero();
      assertThat(frame.width()).isEqualTo(7);
    }
  }

  @Test
  void frameGoesBackIntoATable() {
    try (Table from = tableOf(500);
        Table to = DataShard.createTable(folder.resolve("copy"), SCHEMA)) {
      DataFrame frame = DataFrames.of(from.scan());
      assertThat(DataFrames.append(to, frame).rowsAdded()).isEqualTo(500);
      assertThat(to.scan().toMaps()).isEqualTo(from.scan().toMaps());
    }
  }

  @Test
  void whatDoesNotFitIsNamedAndNothingIsCommitted() {
    try (Table table = tableOf(2)) {
      long version = table.version();
      DataFrame wrong =
          DataFrame.foldByRow("id", "n", "name", "day")
              .of(1L, 1, "a", LocalDate.EPOCH, 2L, "two", "b", LocalDate.EPOCH);
      assertThatThrownBy(() -> DataFrames.append(table, wrong))
          .isInstanceOf(InvalidRowException.class)
          .hasMessageContaining("Row 2")
          .hasMessageContaining("'n'")
          .hasMessageContaining("'two'")
          .hasMessageContaining("int");
      DataFrame unknown = DataFrame.foldByRow("id", "nope").of(1L, 1);
      assertThatThrownBy(() -> DataFrames.append(table, unknown))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining("'nope'");
      DataFrame lacking = DataFrame.foldByRow("id").of(1L);
      assertThatThrownBy(() -> DataFrames.append(table, lacking))
          .isInstanceOf(SchemaMismatchException.class)
          .hasMessageContaining("required column");
      assertThat(table.version()).isEqualTo(version);
    }
  }
}
