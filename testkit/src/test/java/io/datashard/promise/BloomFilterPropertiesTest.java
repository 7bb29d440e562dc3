package io.datashard.promise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.Transaction;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Bloom filters are asked for by table properties; one about a column that is not there is refused.
 */
class BloomFilterPropertiesTest {
  private static final String ENABLED = "write.parquet.bloom-filter-enabled.column.";
  private static final String RATE = "write.parquet.bloom-filter-fpp.column.";
  private static final Schema COLUMNS =
      Schema.builder().required("id", Type.STRING).optional("done", Type.BOOLEAN).build();

  @TempDir Path folder;

  @Test
  void aColumnThatIsNotThereIsNamed() {
    Path place = folder.resolve("t");
    assertThatThrownBy(
            () -> DataShard.newTable(place, COLUMNS).property(ENABLED + "di", "true").create())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "Property 'write.parquet.bloom-filter-enabled.column.di' is about column 'di', which"
                + " the table does not have. It has: id, done.");
    assertThat(place).doesNotExist();
    try (Table table = DataShard.createTable(place, COLUMNS)) {
      assertThatThrownBy(() -> table.updateProperties().set(RATE + "x", "0.1").commit())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("column 'x', which the table does not have");
      try (Transaction transaction = table.newTransaction()) {
        transaction.setProperty(ENABLED + "done", "true");
        assertThatThrownBy(transaction::commit)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("Bloom filters of booleans, which would tell nothing");
      }
      assertThat(table.properties()).doesNotContainKey(RATE + "x");
      table.updateProperties().set(ENABLED + "id", "true").set(RATE + "id", "0.05").commit();
      assertThat(table.properties()).containsEntry(ENABLED + "id", "true");
    }
  }

  @Test
  void rowsAreFoundThroughThem() {
    try (Table table =
        DataShard.newTable(folder.resolve("t"), COLUMNS)
            .property(ENABLED + "id", "true")
            .property("write.parquet.bloom-filter-max-bytes", "65536")
            .create()) {
      List<Map<String, Object>> rows = new ArrayList<>();
      for (int i = 0; i < 3_000; i++) {
        rows.add(Map.of("id", "task " + Integer.toHexString(i * 0x9E3779B9)));
      }
      table.append(rows);
      for (int i = 0; i < 3_000; i += 311) {
        String id = (String) rows.get(i).get("id");
        assertThat(table.scan().where("id = '" + id + "'").count()).as(id).isEqualTo(1);
      }
      assertThat(table.scan().where("id IN ('task 5', 'task 8x')").count()).isZero();
    }
  }
}
