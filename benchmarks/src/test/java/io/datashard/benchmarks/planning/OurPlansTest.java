package io.datashard.benchmarks.planning;

import static org.assertj.core.api.Assertions.assertThat;

import io.datashard.DataShard;
import io.datashard.Table;
import io.datashard.schema.Schema;
import io.datashard.schema.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our planner finds the rows of the files that the filter keeps. */
class OurPlansTest {
  @TempDir private Path folder;

  @Test
  void aPlanFindsTheRowsOfOneFile() {
    Path path = folder.resolve("table");
    Schema schema = Schema.builder().required("id", Type.LONG).build();
    try (Table table = DataShard.createTable(path, schema)) {
      table.append(List.of(Map.of("id", 1L), Map.of("id", 2L)));
      table.append(List.of(Map.of("id", 3L)));
    }
    OurPlans plans = new OurPlans();
    String[] order = {"first", path.toString(), "1", "3", "2"};
    assertThat(Plans.answer(plans, order)).endsWith("\"rows\": 2}");
    assertThat(Plans.answer(plans, new String[] {"plan", "1", "4", "3"})).endsWith("\"rows\": 3}");
  }
}
